# SPDX-License-Identifier: Apache-2.0
"""The processes of one cloud. The releases differ in how their APIs are served."""

from tests.lab.ports import Cloud
from tests.lab.service import Service
from tests.lab.settings import ADDRESS, Settings


def keystone(settings: Settings, cloud: Cloud) -> Service:
    return _wsgi(settings, cloud, "keystone", "/v3", _KEYSTONE[cloud])


def first_services(settings: Settings, cloud: Cloud) -> list[Service]:
    """All but nova-compute, which gives up when it can't reach Ironic and placement."""
    ironic_conf = str(settings.etc / cloud / "ironic" / "ironic.conf")
    nova_conf = str(settings.etc / cloud / "nova" / "nova.conf")
    return [
        _wsgi(settings, cloud, "placement", "/", _PLACEMENT[cloud]),
        _glance(settings, cloud),
        _ironic_api(settings, cloud, ironic_conf),
        _worker(settings, cloud, "ironic-conductor", ironic_conf),
        _neutron(settings, cloud),
        _worker(settings, cloud, "nova-conductor", nova_conf),
        _worker(settings, cloud, "nova-scheduler", nova_conf),
        _nova(settings, cloud, nova_conf),
    ]


def compute(settings: Settings, cloud: Cloud) -> Service:
    return _worker(settings, cloud, "nova-compute", str(settings.etc / cloud / "nova/nova.conf"))


# 2023.1 installs WSGI scripts, 2026.2 has modules only
_KEYSTONE: dict[Cloud, tuple[str, ...]] = {
    "old": ("--wsgi-file", "keystone-wsgi-public"),
    "new": ("--module", "keystone.wsgi.api:application"),
}
_PLACEMENT: dict[Cloud, tuple[str, ...]] = {
    "old": ("--wsgi-file", "placement-api"),
    "new": ("--module", "placement.wsgi.api:application"),
}


def _worker(settings: Settings, cloud: Cloud, program: str, config: str) -> Service:
    return Service(f"{cloud}-{program}", (settings.bin(cloud, program), "--config-file", config))


def _api(settings: Settings, cloud: Cloud, service: str, program: str, config: str) -> Service:
    return Service(
        _name(cloud, service),
        (settings.bin(cloud, program), "--config-file", config),
        port=settings.port(cloud, service),
        url=settings.url(cloud, service, "/"),
    )


def _glance(settings: Settings, cloud: Cloud) -> Service:
    if cloud == "old":
        config = str(settings.etc / cloud / "glance" / "glance-api.conf")
        return _api(settings, cloud, "glance", "glance-api", config)
    # uploads come in chunks, which uWSGI takes on its --http router only
    chunks = ("--http-chunked-input", "--http-auto-chunked", "--http-raw-body")
    module = ("--module", "glance.wsgi.api:application", *chunks)
    return _wsgi(settings, cloud, "glance", "/", module, listen="--http")


def _ironic_api(settings: Settings, cloud: Cloud, config: str) -> Service:
    if cloud == "old":
        return _api(settings, cloud, "ironic", "ironic-api", config)
    module = ("--module", "ironic.wsgi.api:application", "--pyargv", f"--config-file {config}")
    return _wsgi(settings, cloud, "ironic", "/", module)


def _nova(settings: Settings, cloud: Cloud, config: str) -> Service:
    if cloud == "old":
        # under uWSGI a request now and then never returned (observed on 2023.1): eventlet there
        return _api(settings, cloud, "nova", "nova-api-os-compute", config)
    return _wsgi(settings, cloud, "nova", "/", ("--module", "nova.wsgi.osapi_compute:application"))


def _neutron(settings: Settings, cloud: Cloud) -> Service:
    if cloud == "old":
        config = str(settings.etc / cloud / "neutron" / "neutron.conf")
        return _api(settings, cloud, "neutron", "neutron-server", config)
    module = ("--module", "neutron.wsgi.api:application")
    return _wsgi(settings, cloud, "neutron", "/", module, workers=1)


def _wsgi(
    settings: Settings,
    cloud: Cloud,
    service: str,
    path: str,
    target: tuple[str, ...],
    *,
    listen: str = "--http-socket",
    workers: int | None = None,
) -> Service:
    """An API under uWSGI, answering at `path` when it is ready."""
    kind, what, *more = target
    return Service(
        _name(cloud, service),
        (
            settings.bin(cloud, "uwsgi"),
            listen,
            f"{ADDRESS}:{settings.port(cloud, service)}",
            "--master",
            "--processes",
            str(workers or settings.workers),
            *("--enable-threads", "--lazy-apps", "--need-app", "--die-on-term"),
            *("--buffer-size", "65535", "--thunder-lock", "--disable-logging"),
            *("--add-header", "Connection: close"),
            *("--venv", str(settings.venv / cloud)),
            kind,
            settings.bin(cloud, what) if kind == "--wsgi-file" else what,
            *more,
        ),
        _config_directories(settings, cloud),
        port=settings.port(cloud, service),
        url=settings.url(cloud, service, path),
    )


def _name(cloud: Cloud, service: str) -> str:
    """Ironic's API is one of two processes, the others' APIs go by the service's name."""
    return f"{cloud}-ironic-api" if service == "ironic" else f"{cloud}-{service}"


def _config_directories(settings: Settings, cloud: Cloud) -> dict[str, str]:
    etc = settings.etc / cloud
    found = {
        f"OS_{service.upper()}_CONFIG_DIR": str(etc / service)
        for service in ("keystone", "placement", "nova", "glance", "neutron")
    }
    return found | {"OS_NEUTRON_CONFIG_FILES": "neutron.conf"}

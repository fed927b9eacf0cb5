# SPDX-License-Identifier: Apache-2.0
"""Where a node's BMC answers, by its `driver_info`: the keys of the drivers of Ironic."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_IPMI_PORT = 623
_HTTPS = 443
_HTTP = 80

# The key of an address, and that of its port; all but IPMI are HTTPS unless they say otherwise.
_WEB = (
    ("redfish_address", None),
    ("ilo_address", "client_port"),
    ("irmc_address", "irmc_port"),
    ("drac_address", None),
    ("xclarity_manager_ip", "xclarity_port"),
)


class Protocol(enum.StrEnum):
    """By what a BMC is tried."""

    TCP = "tcp"
    RMCP = "udp"


@dataclass(frozen=True, slots=True)
class Bmc:
    """Where a BMC answers. Nothing of it is a secret."""

    protocol: Protocol
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}://{host}:{self.port}"


def bmc_of(driver: str, driver_info: Mapping[str, Any]) -> Bmc | None:
    """Return where the BMC is that a node's driver uses, None where that cannot be told.

    Where there are addresses for several drivers, that of the node's own counts.
    """
    found = list(_candidates(driver_info))
    own = [bmc for key, bmc in found if driver.startswith(key.partition("_")[0])]
    return next(iter(own or [bmc for _, bmc in found]), None)


def _candidates(info: Mapping[str, Any]) -> list[tuple[str, Bmc]]:
    candidates: list[tuple[str, Bmc | None]] = [
        (key, _web(info.get(key), info.get(port_key) if port_key else None))
        for key, port_key in _WEB
    ]
    candidates.append(("ipmi_address", _ipmi(info.get("ipmi_address"), info.get("ipmi_port"))))
    return [(key, bmc) for key, bmc in candidates if bmc is not None]


def _ipmi(address: object, port: object) -> Bmc | None:
    host = _text(address)
    number = _port(port, _IPMI_PORT)
    return Bmc(Protocol.RMCP, host.strip("[]"), number) if host and number else None


def _web(address: object, port: object) -> Bmc | None:
    text = _text(address)
    if not text:
        return None
    # Ironic takes an address without a scheme for HTTPS (drivers/modules/redfish/utils.py); one of
    # IPv6 may come without brackets.
    bare = text.count(":") > 1 and "[" not in text and "://" not in text
    try:
        url = urlsplit(
            text if "://" in text else f"https://[{text}]" if bare else f"https://{text}"
        )
        own = url.port
    except ValueError:
        return None
    number = own or _port(port, _HTTP if url.scheme == "http" else _HTTPS)
    return Bmc(Protocol.TCP, url.hostname, number) if url.hostname and number else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _port(value: object, default: int) -> int | None:
    """Return a port that is a number or a text, the default where there is none."""
    if value is None or value == "":
        return default
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 < number < 65536 else None

# SPDX-License-Identifier: Apache-2.0
"""How one cloud is reached: what the options of `[old_cloud]` or `[new_cloud]` come to."""

from dataclasses import dataclass, field

from keystoneauth1.session import Session

from ephyrad.clouds.port import CloudSetupError
from ephyrad.migration.facts import CloudName


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """Where a cloud is and with which credentials it is asked.

    Exactly one of `cloud` (a name in clouds.yaml) and `session` (a keystoneauth session with its
    auth plugin) is given. A session is handed over: its time-out, redirects, connection pool and
    user agent are set by ephyrad.

    One token does not serve all of a cloud's services. Ironic of 2026.2 shows all nodes to a
    system-scoped token only; Nova and Glance of 2023.1 and 2026.2, and placement of 2026.2, answer
    403 to a system-scoped token and want a project-scoped one (observed). So `cloud` or `session`
    is for Ironic and Keystone, and `project_cloud` or `project_session` for Nova, placement, Glance
    and Neutron; where neither is given, one token is used for all, which works with an Ironic that
    lets a project's administrator see every node (2023.1 does).
    """

    name: CloudName
    cloud: str | None = None
    session: Session | None = field(default=None, repr=False)
    project_cloud: str | None = None
    project_session: Session | None = field(default=None, repr=False)
    region: str | None = None
    """Region in the service catalogue; None: the one of clouds.yaml, or any."""
    interfaces: tuple[str, ...] = ()
    """Endpoint interfaces, preferred first; none: the one of clouds.yaml, or public."""
    compute: bool = True
    """Whether the cloud has Nova and placement in front of its Ironic."""
    connect_timeout: float = 10.0
    """Seconds to wait for a connection."""
    read_timeout: float = 60.0
    """Seconds to wait for each part of an answer."""
    page_size: int = 1000
    """Nodes asked for in one page of the list; Ironic's own `max_limit` bounds it."""
    connections: int = 32
    """Connections kept open to a service: one for each thread that works at a time."""
    drivers_kept: float = 60.0
    """Seconds for which the lists of drivers and conductors are believed."""
    users_per_sweep: int = 1000
    """Of how many users the SSH keys are read again in one sweep: Nova lists those of one user."""
    users_at_once: int = 4
    """How many of these calls are made at the same time."""
    image_bandwidth: float | None = None
    """Bytes a second that all uploads of images may take together; None: as many as they can."""
    inspect_images: bool = True
    """Whether images are held back whose bytes are not of their disk_format, as Glance does that
    has require_image_format_match.
    """

    def __post_init__(self) -> None:
        group = self.group
        if (self.cloud is None) == (self.session is None):
            raise CloudSetupError(
                f"{group} needs exactly one of `cloud` (a name in clouds.yaml) and `auth_type` "
                "with its options"
            )
        if self.project_cloud is not None and self.project_session is not None:
            raise CloudSetupError(f"{group} names two sources of a project-scoped token; keep one")
        if self.page_size < 1 or self.connections < 1:
            raise CloudSetupError(f"{group} needs a page size and a number of connections above 0")
        if self.users_per_sweep < 1 or self.users_at_once < 1:
            raise CloudSetupError(f"{group} needs numbers of users above 0")
        if self.connect_timeout <= 0 or self.read_timeout <= 0:
            raise CloudSetupError(f"{group} needs time-outs above 0 seconds")

    @property
    def group(self) -> str:
        """The group of options that this came from, as an operator finds it in the file."""
        return f"[{self.name}_cloud]"

# SPDX-License-Identifier: Apache-2.0
"""Which daemon `ephyra` asks, and who asks it: by the command line and the environment."""

import argparse
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ephyrad.cli.errors import CommandError, ExitStatus
from ephyrad.cli.line import HttpsLine, Line, UnixLine, https_line, trusting
from ephyrad.cli.socket_path import VARIABLE, find_socket

_CURE = "name it with --api-url"


@dataclass(frozen=True, slots=True)
class _Setting:
    """An option, the variable of the environment that stands for it, and its help."""

    option: str
    variable: str
    metavar: str
    words: str

    @property
    def dest(self) -> str:
        return self.option.removeprefix("--").replace("-", "_")

    def of(self, options: argparse.Namespace, environment: Mapping[str, str]) -> str | None:
        found: str | None = getattr(options, self.dest) or environment.get(self.variable)
        return found


_URL = _Setting("--api-url", "EPHYRA_API_URL", "URL", "https://HOST:PORT of a daemon elsewhere")
_CACERT = _Setting(
    "--api-cacert",
    "EPHYRA_API_CACERT",
    "FILE",
    "the CA of its certificate, in PEM, where the system does not trust it",
)
_USER = _Setting("--api-user", "EPHYRA_API_USER", "NAME", "user, where it has users of its own")
_PASSWORD = _Setting(
    "--api-password-file", "EPHYRA_API_PASSWORD_FILE", "FILE", "file with that user's password"
)
_CLOUD = _Setting(
    "--os-cloud",
    "OS_CLOUD",
    "CLOUD",
    "entry of clouds.yaml with a user of the new cloud; without --api-url, its catalogue says where"
    " the daemon is",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Have the command line name a daemon."""
    parser.add_argument(
        "--socket",
        metavar="PATH",
        help=f"the daemon's socket; without it the environment variable {VARIABLE}, or what"
        " /etc/ephyrad/ephyrad.conf says",
    )
    for setting in (_URL, _CACERT, _USER, _PASSWORD, _CLOUD):
        parser.add_argument(
            setting.option,
            metavar=setting.metavar,
            help=f"{setting.words} (environment: {setting.variable})",
        )


def find_line(options: argparse.Namespace, environment: Mapping[str, str]) -> Line:
    """Return the way to the daemon that is meant.

    A path that the command line names goes first, then a URL, then a cloud that the command line
    names (one of the environment may be meant for other commands), then the socket.

    :raises CommandError: what is named cannot be used.
    """
    url = _URL.of(options, environment)
    if options.socket or not (url or options.os_cloud):
        return UnixLine(find_socket(options.socket, environment))
    cafile = _CACERT.of(options, environment)
    if user := _USER.of(options, environment):
        if url is None:
            raise CommandError(ExitStatus.USAGE, f"--api-user goes with a URL: {_CURE}")
        headers = _login(user, _PASSWORD.of(options, environment))
        return _line(url, headers, cafile)
    return _by_token(url, _CLOUD.of(options, environment), cafile)


def _login(user: str, password_file: str | None) -> Mapping[str, str]:
    if password_file is None:
        raise CommandError(
            ExitStatus.USAGE,
            f"the password of {user} is missing: name a file with it with {_PASSWORD.option}",
        )
    try:
        password = Path(password_file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            ExitStatus.USAGE, f"the password's file {password_file} cannot be read: {error}"
        ) from error
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def _by_token(url: str | None, cloud: str | None, cafile: str | None) -> HttpsLine:
    # Only this way needs it, and it takes half a second.
    from ephyrad.clouds.port import CloudSetupError  # noqa: PLC0415
    from ephyrad.clouds.user import pass_of  # noqa: PLC0415

    if cloud is None:
        raise CommandError(
            ExitStatus.USAGE,
            f"who asks {url}? Name a user with {_USER.option}, or a cloud with {_CLOUD.option}",
        )
    try:
        found = pass_of(cloud, url)
    except CloudSetupError as error:
        raise CommandError(ExitStatus.REFUSED, str(error)) from error
    return _line(found.url, {"X-Auth-Token": found.token}, cafile or found.cafile)


def _line(url: str, headers: Mapping[str, str], cafile: str | None) -> HttpsLine:
    return https_line(url, headers, trusting(cafile), cure=_CURE, ca_option=_CACERT.option)

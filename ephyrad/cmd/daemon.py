# SPDX-License-Identifier: Apache-2.0
"""The command `ephyrad`: the daemon."""

import sys
from collections.abc import Sequence

from oslo_log import log

from ephyrad.cmd.threads import use_threads

use_threads()

from ephyrad.api.server import SocketTakenError  # noqa: E402
from ephyrad.api.tcp import PortTakenError  # noqa: E402
from ephyrad.api.tls import CertificateError  # noqa: E402
from ephyrad.bus.settings import BusSetupError  # noqa: E402
from ephyrad.clouds.port import CloudSetupError  # noqa: E402
from ephyrad.conf.errors import ConfigurationError  # noqa: E402
from ephyrad.conf.load import load, logging_as_told, reread  # noqa: E402
from ephyrad.journal.errors import JournalError, StateInUseError  # noqa: E402
from ephyrad.secrets.errors import SecretsError  # noqa: E402
from ephyrad.service import Service  # noqa: E402

WRONG_CONFIGURATION = 2
"""Exit status where trying again cannot help until somebody mends the configuration."""
CANNOT_START = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        conf, settings = load(arguments)
        with logging_as_told():
            log.setup(conf, "ephyrad")
        service = Service(conf, settings, lambda now: reread(arguments, conf, now))
        service.run()
    except (ConfigurationError, CertificateError, CloudSetupError, BusSetupError) as error:
        sys.stderr.write(f"ephyrad: {error}\n")
        return WRONG_CONFIGURATION
    except (JournalError, StateInUseError, SecretsError, SocketTakenError, PortTakenError) as error:
        sys.stderr.write(f"ephyrad: {error}\n")
        return CANNOT_START
    return 0

# SPDX-License-Identifier: Apache-2.0
"""What must be done before oslo.messaging is imported, which would otherwise select eventlet."""

import warnings

from oslo_service.backend import BackendType, init_backend


def use_threads() -> None:
    """Have oslo.service, and what is built on it, use threads. To be called once."""
    # oslo.service requires eventlet and futurist imports it; nothing here uses it, and its warning
    # is no operator's business.
    warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")
    init_backend(BackendType.THREADING)

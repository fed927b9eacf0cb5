# SPDX-License-Identifier: Apache-2.0
"""oslo.messaging takes the backend that is chosen when it is first imported."""

from oslo_service.backend import BackendType, init_backend

init_backend(BackendType.THREADING)

# SPDX-License-Identifier: Apache-2.0
"""Sends ephyrad's own notifications to a cloud's bus, and tells whether the broker took them.

By oslo.messaging's notifier, with its driver messagingv2: they look as Ironic's and Nova's do.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import oslo_messaging

from ephyrad.bus import noise
from ephyrad.bus.broker import in_words
from ephyrad.bus.settings import BusSetupError, NotSentError, SenderSettings

EXCHANGE = "ephyra"
"""Where the operator's `control_exchange` says nothing else."""


class Sender:
    """Sends one notification after the other. To be used by one thread."""

    def __init__(self, settings: SenderSettings, conf: Any) -> None:
        """Nothing is connected before the first notification.

        `conf` is the oslo.config object that oslo.messaging reads its own options on.

        :raises BusSetupError: the settings cannot be used.
        """
        noise.quiet()
        oslo_messaging.set_transport_defaults(EXCHANGE)
        try:
            url = oslo_messaging.TransportURL.parse(conf, settings.transport_url)
            self._transport = oslo_messaging.get_notification_transport(conf, url=url)
        except Exception:  # noqa: BLE001  its text may repeat a part of the password
            raise BusSetupError(
                "[new_cloud] transport_url cannot be used to send notifications; it reads"
                " rabbit://USER:PASSWORD@HOST:PORT/VHOST?OPTION=VALUE"
            ) from None
        self._witness = _Witness(self._transport)
        self._notifier = oslo_messaging.Notifier(
            self._transport,
            f"ephyrad.{settings.host}",
            driver="messagingv2",
            topics=list(settings.topics),
            # One try: who sends knows when to try again.
            retry=0,
        )

    def send(self, event_type: str, payload: Mapping[str, Any]) -> None:
        """Send a notification, to each topic; it is with the broker when this returns.

        :raises NotSentError: a broker did not take it. It may be on some of the topics.
        """
        self._notifier.info({}, event_type, dict(payload))
        # Not kept: its frames hold the connection that broke.
        trouble, self._witness.trouble = self._witness.trouble, None
        if trouble is not None:
            raise NotSentError(in_words(trouble))

    def close(self) -> None:
        """Drop the connection."""
        with contextlib.suppress(Exception):
            self._transport.cleanup()


class _Witness:
    """Stands before a transport's sending, and keeps its error.

    oslo.messaging's driver logs it, with the payload, and tells nobody (oslo.messaging 18.3).
    """

    def __init__(self, transport: Any) -> None:
        self.trouble: Exception | None = None
        self._send = transport._send_notification  # noqa: SLF001
        transport._send_notification = self  # noqa: SLF001

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        try:
            self._send(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  whatever it is, it was not sent
            self.trouble = error

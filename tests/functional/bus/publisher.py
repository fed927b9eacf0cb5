# SPDX-License-Identifier: Apache-2.0
"""A publisher such as Ironic, Nova and Glance are."""

from typing import Any

from oslo_config import cfg

NODE = "7c4ea0e6-9e86-4b5b-8e5e-9c6a1a3b6d10"
TOPICS = {
    "ironic": "ironic_versioned_notifications",
    "nova": "versioned_notifications",
    "glance": "notifications",
}


class Publisher:
    """Publishes as Ironic does, by oslo.messaging's own notifier."""

    def __init__(self, url: str, exchange: str = "ironic", topic: str = "") -> None:
        import oslo_messaging

        self._conf = cfg.ConfigOpts()
        self._conf([])
        oslo_messaging.get_notification_transport(self._conf, url="fake:///")
        self._conf.set_override("control_exchange", exchange)
        self._transport = oslo_messaging.get_notification_transport(self._conf, url=url)
        self._notifier = oslo_messaging.Notifier(
            self._transport,
            "ironic-conductor.test",
            "messagingv2",
            topics=[topic or TOPICS[exchange]],
        )

    def node(self, name: object, *, failed: bool = False, **data: Any) -> None:
        """Say that a node's provision state has changed."""
        payload = {
            "ironic_object.name": "NodeSetProvisionStatePayload",
            "ironic_object.namespace": "ironic",
            "ironic_object.version": "1.18",
            "ironic_object.data": {"uuid": NODE, "name": str(name), "instance_info": {"s": 1}}
            | data,
        }
        send = self._notifier.error if failed else self._notifier.info
        send({"auth_token": "secret"}, "baremetal.node.provision_set.end", payload)

    def raw(self, event_type: str, payload: Any) -> None:
        """Send what is handed in."""
        self._notifier.info({}, event_type, payload)

    def close(self) -> None:
        self._transport.cleanup()

# SPDX-License-Identifier: Apache-2.0
"""The errors of a simulated API: an HTTP status and the service's words."""

import json


class ApiError(Exception):
    """The service's answer to what it does not do."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"HTTP {status}: {message}")

    @property
    def body(self) -> bytes:
        """The answer's body: JSON in JSON, as Ironic gives it."""
        code = "Client" if self.status < 500 else "Server"
        inner = {"faultcode": code, "faultstring": self.message, "debuginfo": None}
        return json.dumps({"error_message": json.dumps(inner)}).encode()


def not_found(what: str, ident: str) -> ApiError:
    """Return Ironic's 404."""
    return ApiError(404, f"{what} {ident} could not be found.")


def forbidden(rule: str) -> ApiError:
    """Return Ironic's 403; `rule` is the policy's name for what was asked."""
    return ApiError(403, f"Access was denied to the following resource: {rule}")


def locked(uuid: str, host: str) -> ApiError:
    """Return Ironic's 409 about a node that a conductor task holds."""
    return ApiError(
        409,
        f"Node {uuid} is locked by host {host}, please retry after the current operation is"
        " completed.",
    )


def in_transition(uuid: str) -> ApiError:
    """Return Ironic's 409 about a PATCH of a node that is deployed or cleaned."""
    return ApiError(409, f"Node {uuid} can not be updated while a state transition is in progress.")


def wrong_state(verb: str, uuid: str, state: str) -> ApiError:
    """Return Ironic's 400 about a verb that the provision state does not allow."""
    return ApiError(
        400,
        f'The requested action "{verb}" can not be performed on node "{uuid}" while it is in state'
        f' "{state}".',
    )

# SPDX-License-Identifier: Apache-2.0
"""Who gets in to a simulated Nova, at which API version, and how it says no."""

from collections.abc import Callable

from ephyrad.testing.http.versions import Range
from ephyrad.testing.http.wire import Handler, Reply, Request, reply
from ephyrad.testing.refusals import ApiError

_FAULTS = {
    400: "badRequest",
    403: "forbidden",
    404: "itemNotFound",
    406: "computeFault",
    409: "conflictingRequest",
}


def error(status: int, words: str) -> Reply:
    """Return an error as Nova writes it."""
    return reply({_FAULTS[status]: {"code": status, "message": words}}, status)


class Gate:
    """The range of versions of one Nova, and its policy: an administrator's project token."""

    def __init__(self, versions: Range) -> None:
        self._range = versions

    def versions(self, request: Request) -> Reply:
        """Return the answer to who asks which versions there are."""
        lowest, highest = (
            ".".join(map(str, version)) for version in (self._range.lowest, self._range.highest)
        )
        links = [{"rel": "self", "href": f"{request.root}/"}]
        version = {"id": "v2.1", "status": "CURRENT", "version": highest, "min_version": lowest}
        return reply({"version": {**version, "links": links}})

    def guard(self, rule: str, act: Callable[..., Reply]) -> Handler:
        """Return a handler that does it for whom is let in; `rule` is the policy's name for it.

        `act` is given the request, the version that is asked for, and the segments of the path.
        """

        def handler(request: Request, **segments: str) -> Reply:
            version = self._range.chosen(_asked(request))
            if version is None:
                return error(406, self._out_of_range(request))
            if request.token is None or request.token.project is None:
                return error(403, f"Policy doesn't allow os_compute_api:{rule} to be performed.")
            try:
                return act(request, version, **segments)
            except ApiError as refused:
                return error(refused.status, refused.message)

        return handler

    def _out_of_range(self, request: Request) -> str:
        lowest, highest = self._range.lowest, self._range.highest
        return (
            f"Version {_asked(request)} is not supported by the API. Minimum is"
            f" {lowest[0]}.{lowest[1]} and maximum is {highest[0]}.{highest[1]}."
        )


def _asked(request: Request) -> str | None:
    asked = request.headers.get("HTTP_OPENSTACK_API_VERSION")
    return None if asked is None else str(asked).removeprefix("compute ")

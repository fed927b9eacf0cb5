# SPDX-License-Identifier: Apache-2.0
"""No page of another site has a browser ask for something, in the name of who sits at it.

The browser sends along a password that it knows. Where OpenSSH leads to the unix socket, there is
not even one: whoever can reach that port is the user who opened the way.
"""

from urllib.parse import urlsplit

import flask
from werkzeug.datastructures import Headers

from ephyrad.engine.answers import Complaint, OperationError

_HARMLESS = frozenset({"GET", "HEAD"})
"""What changes nothing; another site sees none of the answer."""


def refuse_other_sites(app: flask.Flask) -> None:
    """Refuse what a browser sends for a page of another site, before anything of it is read."""

    def expect_own_site() -> None:
        request = flask.request
        if request.method not in _HARMLESS and is_of_another(request.headers):
            raise OperationError(
                Complaint.FORBIDDEN,
                "a page of another site may not ask this: open ephyrad's own address",
            )

    app.before_request(expect_own_site)


def is_of_another(headers: Headers) -> bool:
    """Return whether a browser says that it is sent for a page of another site.

    `Sec-Fetch-Site` is its own judgement, which it does not send to every address.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"none", "same-origin"}
    origin = headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("Host")

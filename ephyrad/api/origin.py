# SPDX-License-Identifier: Apache-2.0
"""No page of another site has a browser ask for something, in the name of who sits at it.

The browser sends along a password that it knows. Where OpenSSH leads to the unix socket, there is
not even one: whoever can reach that port is the user who opened the way.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

import flask
from werkzeug.datastructures import Headers

from ephyrad.api.caller import caller
from ephyrad.engine.answers import Complaint, OperationError

_HARMLESS = frozenset({"GET", "HEAD"})
"""What changes nothing; another site sees none of the answer."""


def refuse_other_sites(app: flask.Flask, names: frozenset[str]) -> None:
    """Refuse what a browser sends for a page of another site, before anything of it is read.

    Over the unix socket it has to ask for this machine, or one of `names`.
    """

    def expect_own_site() -> None:
        request = flask.request
        host = request.headers.get("Host", "")
        if caller().local and not is_of_this_machine(host) and _name(host) not in names:
            raise OperationError(
                Complaint.FORBIDDEN,
                f"Host is {host!r:.80}, and the socket answers for localhost: name the proxy in"
                " socket_names of [api], or ask http://localhost",
            )
        if request.method not in _HARMLESS and is_of_another(request.headers):
            raise OperationError(
                Complaint.FORBIDDEN,
                "a page of another site may not ask this: open ephyrad's own address",
            )

    app.before_request(expect_own_site)


def is_of_this_machine(host: str) -> bool:
    """Return whether a request asks for this machine: localhost, by name or number.

    Else a site could give its own name the address of whoever looks at it, and ask as their own
    page (DNS rebinding). No site has a name without a dot.
    """
    name = _name(host)
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return "." not in name or name.endswith(".localhost")


def _name(host: str) -> str:
    """Return a Host without its port, in small letters; "." where it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return "."


def is_of_another(headers: Headers) -> bool:
    """Return whether a browser says that it is sent for a page of another site.

    `Sec-Fetch-Site` is its own judgement, which it does not send to every address.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"none", "same-origin"}
    origin = headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("Host")

# SPDX-License-Identifier: Apache-2.0
"""The JSON of Jenkins' MQ Notifier plugin (RunListenerImpl.java and the providers of 1.4.2).

It tells of a build that is done, as COMPLETED: of a pipeline when nothing of it runs any more, of a
freestyle job when its post-build steps are over. It tells of much else, too, which is ignored.
"""

import re
from collections.abc import Mapping
from typing import Any

from ephyrad.reclaim.nomination import (
    Ignored,
    MessageError,
    Nomination,
    instances,
    maybe,
    nodes,
    text,
    words,
)

DONE = "COMPLETED"
_URL = re.compile(r"(https?://[^?#]*?/)(job/[^?#]+/\d+/)")


def is_meant(body: Mapping[str, Any]) -> bool:
    """Return whether a body is of that plugin: it says a `state`, and ours says its `source`."""
    return "state" in body and "source" not in body


def read(body: Mapping[str, Any]) -> Nomination | Ignored:
    """Read a message. The parameters EPHYRA_NODES and EPHYRA_INSTANCES of the build name things.

    :raises MessageError: it cannot be read.
    """
    state = text(body["state"], "state")
    if state != DONE:
        return Ignored(f"it tells of something {state}: nodes are empty when a build is {DONE}")
    source, path = _where(text(body.get("url"), "url"))
    parameters = _parameters(body.get("parameters") or [])
    # A job that was deleted and made again counts its builds from 1; two builds that take as many
    # milliseconds are hardly ever of one number.
    took = body.get("build_duration")
    return Nomination(
        source=source,
        id=f"{path}@{took}" if isinstance(took, int) else path,
        nodes=nodes(words(parameters, "EPHYRA_NODES"), "EPHYRA_NODES"),
        instances=instances(words(parameters, "EPHYRA_INSTANCES"), "EPHYRA_INSTANCES"),
        label=text(body.get("build_job_name"), "build_job_name"),
        result=maybe(body.get("status") or None, "status").upper(),
    )


def _where(url: str) -> tuple[str, str]:
    found = _URL.fullmatch(url)
    if found is None:
        raise MessageError(
            f"url is {url!r:.80}, which does not say which build of which Jenkins this is: set the"
            " Jenkins URL in its System configuration"
        )
    return found[1], found[2]


def _parameters(value: object) -> Mapping[str, Any]:
    """Return the parameters: the plugin sends NAME=VALUE of each; its README has them in an object.

    Of one that is there twice, the last one counts, as in Jenkins.
    """
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise MessageError("parameters must be a list of texts, each NAME=VALUE")
    return {name: said for name, _, said in (each.partition("=") for each in value)}

# SPDX-License-Identifier: Apache-2.0
"""The JSON of Jenkins' Notification plugin (model/JobState.java and BuildState.java of 1.18).

It tells of a build in several phases. Only FINALIZED says that nothing of it runs any more.
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
    table,
    text,
    words,
)

LAST_PHASE = "FINALIZED"
_BUILD = re.compile(r"((?:job/[^/]+/)+)\d+/")


def is_meant(body: Mapping[str, Any]) -> bool:
    """Return whether a body is of that plugin: its `build` is an object, and ours is a text."""
    return isinstance(body.get("build"), dict)


def read(body: Mapping[str, Any]) -> Nomination | Ignored:
    """Read a message. The parameters EPHYRA_NODES and EPHYRA_INSTANCES of the build name things.

    :raises MessageError: it cannot be read.
    """
    build = table(body["build"], "build")
    phase = text(build.get("phase"), "build.phase")
    if phase != LAST_PHASE:
        return Ignored(f"the build is {phase}: nodes are empty when it is {LAST_PHASE}")
    url = text(build.get("url"), "build.url")
    parameters = table(build.get("parameters") or {}, "build.parameters")
    # A job that was deleted and made again counts its builds from 1; the queue goes on.
    queue = build.get("queue_id")
    return Nomination(
        source=_source(build, url),
        id=f"{url}@{queue}" if isinstance(queue, int) else url,
        nodes=nodes(words(parameters, "EPHYRA_NODES"), "EPHYRA_NODES"),
        instances=instances(words(parameters, "EPHYRA_INSTANCES"), "EPHYRA_INSTANCES"),
        label=_job(url) or text(body.get("name"), "name"),
        result=maybe(build.get("status"), "build.status").upper(),
    )


def _source(build: Mapping[str, Any], url: str) -> str:
    full = build.get("full_url")
    if not isinstance(full, str) or not full.endswith(url) or full == url:
        raise MessageError(
            "build.full_url does not say which Jenkins this is: set the Jenkins URL in its System"
            " configuration"
        )
    return text(full.removesuffix(url), "build.full_url")


def _job(url: str) -> str:
    """Return a job with its folders: a/b of job/a/job/b/7/; `name` would be b alone."""
    found = _BUILD.fullmatch(url)
    return "/".join(found[1].split("/")[1::2]) if found else ""

# SPDX-License-Identifier: Apache-2.0
"""JSON over HTTP to the lab's own services."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

# loopback only, whatever proxy the environment names
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# agents have spoken this version of Ironic's API for years
_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-OpenStack-Ironic-API-Version": "1.68",
}


def ask(
    method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Status and decoded body, or the text of an error; status 0 when nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - its callers say http://127.0.0.1
        url, data, {**_HEADERS, **(headers or {})}, method=method
    )
    try:
        with _OPENER.open(request, timeout=30) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)

# SPDX-License-Identifier: Apache-2.0
"""Who asks, and what they may do."""

import pwd

import flask


def asker() -> str:
    uid = int(flask.request.environ["X_REMOTE_UID"])
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def may(rule: str) -> bool:
    return bool(rule)

# SPDX-License-Identifier: Apache-2.0
"""The options of `[reclaim]`: which messages of CI are believed, and how long they count."""

from datetime import timedelta
from pathlib import Path

from oslo_config import cfg

from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.place import place_of
from ephyrad.conf.reclaim_amqp import trust
from ephyrad.reclaim.authentic import Credentials
from ephyrad.reclaim.fate import ReclaimPolicy

GROUP = cfg.OptGroup("reclaim", title="Messages of CI that say which nodes nobody needs any more")

SHORTEST = 16
_LARGEST = 4096
_DAY = 24 * 3600

OPTIONS = [
    cfg.ListOpt(
        "hmac_key_files",
        default=[],
        help="Files with a key each (16 bytes or more; white space around it does not count), by"
        " which messages may be signed. Several count at once, so that a key can be changed. Nobody"
        " but ephyrad's user and group may be let read them. Without any key or token no message is"
        " taken.",
    ),
    cfg.ListOpt(
        "token_files",
        default=[],
        help="Files with a token each, likewise, which a message may bear instead of a signature:"
        " as Bearer, or as the password of Basic, which is all that Jenkins' Notification plugin"
        " can send. Whoever sees a token can send anything, so it must not travel in the clear.",
    ),
    cfg.IntOpt(
        "window",
        default=300,
        min=10,
        max=3600,
        help="Seconds by which the time of a signature may differ from the time here.",
    ),
    cfg.IntOpt(
        "keep",
        default=_DAY,
        min=60,
        max=30 * _DAY,
        help="Seconds for which a nomination is kept that cannot be used yet, as the node's turn"
        " has not come or the rollout pauses.",
    ),
    cfg.IntOpt(
        "remember",
        default=30 * _DAY,
        min=_DAY,
        max=365 * _DAY,
        help="Seconds for which a message is remembered, so that it is not taken twice.",
    ),
]


def policy(conf: cfg.ConfigOpts) -> ReclaimPolicy:
    """Return whose messages are believed, and how long they count.

    :raises ConfigurationError: a secret cannot be read, is too short, or others may read it.
    """
    group = conf.reclaim
    return ReclaimPolicy(
        credentials=Credentials(
            keys=_secrets(conf, "hmac_key_files"),
            tokens=_secrets(conf, "token_files"),
            window=timedelta(seconds=group.window),
        ),
        keep=timedelta(seconds=group.keep),
        remember=timedelta(seconds=group.remember),
        amqp=trust(conf),
    )


def _secrets(conf: cfg.ConfigOpts, option: str) -> tuple[bytes, ...]:
    return tuple(_secret(conf, option, name) for name in conf.reclaim[option])


def _secret(conf: cfg.ConfigOpts, option: str, name: str) -> bytes:
    path = Path(name).expanduser()
    where = f"{place_of(conf, GROUP.name, option)} = {path}"
    if not path.is_absolute():
        raise ConfigurationError(f"{where}: the path must begin with /")
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            secret = file.read(_LARGEST + 1).strip()
    except OSError as error:
        raise ConfigurationError(
            f"{where}: {error.strerror}; correct the path or make it readable for the user that"
            " ephyrad runs as"
        ) from error
    if mode & 0o007:
        raise ConfigurationError(f"{where}: everybody may use it: chmod o= {path}")
    if not SHORTEST <= len(secret) <= _LARGEST:
        raise ConfigurationError(
            f"{where}: it must have {SHORTEST} to {_LARGEST} bytes: make one with"
            " `openssl rand -hex 32`"
        )
    return secret

# SPDX-License-Identifier: Apache-2.0
"""The options of `[DEFAULT]`: the process itself."""

from oslo_config import cfg

GROUP = cfg.OptGroup("DEFAULT", title="The process itself")

OPTIONS = [
    cfg.StrOpt(
        "state_dir",
        default="/var/lib/ephyrad",
        help="Directory of the journal, of the key of its secrets and of the socket that the"
        " `ephyra` command talks to. Only one ephyrad may use it. Put it on a local disk.",
    ),
    cfg.IntOpt(
        "workers",
        default=16,
        min=1,
        max=256,
        help="Threads that work on nodes; each works on one node at a time.",
    ),
    cfg.IntOpt(
        "sweep_interval",
        default=60,
        min=1,
        max=3600,
        mutable=True,
        help="Seconds between two sweeps. A sweep lists the nodes of both clouds, in one paged"
        " call each, and finds what the notifications did not tell.",
    ),
]

# SPDX-License-Identifier: Apache-2.0
"""The options of `[journal]`: the record of every migration, in the state directory."""

from oslo_config import cfg

GROUP = cfg.OptGroup("journal", title="The record of every migration")

OPTIONS = [
    cfg.StrOpt(
        "key_file",
        default="$state_dir/journal.key",
        help="File with the keys that encrypt the secrets in the journal, made on first start with"
        " mode 0600. Without it the secrets in the journal cannot be read any more: back it up,"
        " and not beside the journal.",
    ),
    cfg.IntOpt(
        "retention",
        default=7 * 24 * 3600,
        min=3600,
        max=365 * 24 * 3600,
        help="Seconds for which notifications that were dealt with are kept. The history of the"
        " nodes is kept for ever.",
    ),
]

# SPDX-License-Identifier: Apache-2.0
"""Equality: whether nothing is lost when the old record goes and only the new one stays."""

from collections.abc import Mapping

from ephyrad.migration.document import Document, differences, is_login, masked
from ephyrad.migration.facts import CloudName


def changed(
    document: Document, old: Document, new: Document, *, mended: bool
) -> Mapping[CloudName, tuple[str, ...]]:
    """Return where each cloud's record is not as it was carried, sorted.

    What was changed alike in both is no change. `mended`: the new record was given another login
    for the BMC when the one that was carried did not work, and the new Ironic has verified it.
    """
    in_old, in_new = (differences(document, record) for record in (old, new))
    apart = (*differences(old, new), *masked(old), *masked(new))
    alike = {path for path in {*in_old} & {*in_new} if not _is_below(path, apart)}
    return {
        CloudName.OLD: tuple(path for path in in_old if path not in alike),
        CloudName.NEW: tuple(
            path for path in in_new if path not in alike and not (mended and is_login(path))
        ),
    }


def _is_below(path: str, others: tuple[str, ...]) -> bool:
    """Return whether one of the other paths is this one, or within the record it names."""
    name = path.split(" (", maxsplit=1)[0]
    return any(other.startswith(name) for other in others)

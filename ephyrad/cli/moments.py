# SPDX-License-Identifier: Apache-2.0
"""Times as people read them."""

from datetime import UTC, datetime, timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def span(length: timedelta) -> str:
    """Return a length of time in its two biggest units: "2 h 5 min"; never less than "0 s"."""
    seconds = max(int(length.total_seconds()), 0)
    counts = []
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        counts.append((count, unit))
    first = next((at for at, (count, _) in enumerate(counts) if count), len(counts) - 1)
    shown = [counts[first], *(pair for pair in counts[first + 1 : first + 2] if pair[0])]
    return " ".join(f"{count} {unit}" for count, unit in shown)


def relative(moment: datetime, now: datetime) -> str:
    """Return how far a moment is from now: "5 min ago" or "in 3 d 2 h"."""
    return f"{span(now - moment)} ago" if moment <= now else f"in {span(moment - now)}"


def parse(text: str) -> datetime:
    """Return the moment that the API's ISO 8601 text names."""
    return datetime.fromisoformat(text)


def now() -> datetime:
    return datetime.now(UTC)

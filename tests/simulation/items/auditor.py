# SPDX-License-Identifier: Apache-2.0
"""The auditor of items: judges each deed of ephyrad's by what truly is in both clouds.

It shares no code with the decision: it knows who did what, since each deed is told to it with what
the new cloud had before and has after it, and the kinds of the journal's entries.

What it does not judge: what people did to an item between ephyrad's look at it and the call that
rested on this look; that they made a trait while one was being made, which nothing tells from
ephyrad's; what they did while an effect was open of which a lost journal told; and after a lost
journal, that they delete what bears no mark.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ephyrad.environment.kinds import Kind
from ephyrad.testing.clock import VirtualClock
from ephyrad.testing.cloud import SimulatedCloud
from tests.simulation.items.truth import (
    ACTIVE,
    UNMARKED,
    Key,
    Truth,
    bytes_in,
    is_equal,
    there,
    truth_of,
)

NOBODY, PEOPLE, EPHYRAD = "nobody", "people", "ephyrad"


@dataclass
class Page:
    """What the auditor wrote down of one item of the new cloud.

    `left` is as ephyrad left it, or as it was when it was last in step. `known`: the journal says
    that it was in step. `open`: an effect was intended since; `fresh`: that is to make the item,
    and nothing was open before. `deleted`: people deleted it, in step as it was. `asked`: an
    operator asked for it since. `touched` is when people last did something to it in either cloud.
    `unsure`: nothing tells whose it is. `missed`: the journal says that people deleted it.
    """

    maker: str = NOBODY
    left: Any = None
    known: bool = False
    open: bool = False
    fresh: bool = False
    deleted: bool = False
    asked: bool = False
    touched: float = -1.0
    unsure: bool = False
    missed: bool = False
    history: list[str] = field(default_factory=list)


class Auditor:
    """Objections are collected; whoever steps the world looks at them after each step."""

    def __init__(
        self,
        old: SimulatedCloud,
        new: SimulatedCloud,
        clock: VirtualClock,
        deletions: frozenset[Kind],
        said: Callable[[str], None],
    ) -> None:
        self.objections: list[str] = []
        self.pages: dict[Key, Page] = defaultdict(Page)
        self.lost_at = -1.0
        self._old, self._new = old, new
        self._clock = clock
        self._deletions = deletions
        self._said = said
        self._hashes: dict[str, str] = {}
        self._known: Truth = truth_of(new)

    def people_did(self, key: Key) -> None:
        """Take a deed of people's, just done: `key` is the item's in the new cloud."""
        before, after = self._known, truth_of(self._new)
        self._known = after
        page = self.pages[key]
        page.touched = self._clock.monotonic()
        self._remember_hashes()
        if before.get(key) == after.get(key):
            return
        made = key not in before
        # A name is all that there is to a trait.
        untold = page.open or (page.known and not page.missed)
        page.unsure = page.unsure or (untold and made and key[0] is Kind.TRAIT)
        if made:
            page.maker, page.deleted = PEOPLE, False
        elif key not in after:
            # What ephyrad had not seen in step it cannot miss.
            page.deleted = page.maker == EPHYRAD and page.known and not page.open
            page.maker = NOBODY

    def ephyrad_did(self, call: str, looked: float) -> None:
        """Take a deed of ephyrad's, just done, that rests on a look at that time."""
        before, after = self._known, truth_of(self._new)
        self._known = after
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                self._judge(call, key, before.get(key), after.get(key), looked)

    def _judge(self, call: str, key: Key, was: Any, is_now: Any, looked: float) -> None:
        page = self.pages[key]
        knew = page.touched < looked and not page.unsure
        if is_now is None:
            self._judge_deletion(key, page, was, knew=knew)
            page.maker = NOBODY
        elif was is None:
            if page.deleted and not page.asked and knew:
                self._object(key, "was made again, which people had deleted")
            page.maker, page.deleted = EPHYRAD, False
        else:
            self._judge_change(key, page, was, knew=knew)
        if is_now is not None and key[0] is Kind.IMAGE:
            self._judge_bytes(key, is_now)
        page.left = is_now
        page.history.append(call)

    def _judge_deletion(self, key: Key, page: Page, was: Any, *, knew: bool) -> None:
        if not knew:
            return
        if key[0] not in self._deletions:
            self._object(key, f"was deleted: the policy does not name {key[0]}")
        if page.maker != EPHYRAD:
            self._object(key, f"was deleted, which {page.maker} made")
        elif was != page.left:
            self._object(key, "was deleted, which people had changed")
        if key in set(map(there, truth_of(self._old))):
            self._object(key, "was deleted, and is in the old cloud still")

    def _judge_change(self, key: Key, page: Page, was: Any, *, knew: bool) -> None:
        if not knew:
            page.maker = EPHYRAD
        elif page.maker != EPHYRAD:
            self._object(key, f"was changed, which {page.maker} made")
        elif was != page.left:
            self._object(key, f"was changed, which people had changed: {page.left} -> {was}")

    def _judge_bytes(self, key: Key, is_now: Any) -> None:
        expected = self._hashes.get(key[1])
        if is_now["status"] == ACTIVE and bytes_in(self._new, key[1]) != expected:
            self._object(key, "is active with bytes that are not the old cloud's")

    def written(self, key: Key, kind: str, body: dict[str, Any], shown: Any, old: Any) -> None:
        """Take an entry of the journal; `shown` and `old` are what ephyrad saw of the item last."""
        page = self.pages[key]
        match kind:
            case "asked":
                page.asked = True
            case "intent":
                page.fresh = body["effect"] == "create" and not page.open
                page.open = True
            case "outcome":
                # It was not done, and nothing was begun before.
                undone = body["outcome"]["name"] in ("refused", "unreachable")
                page.open = page.open and not (undone and page.fresh)
            case "in-step":
                if not is_equal(old, shown):
                    self._object(key, f"is told to be in step: {old} and {shown}")
                if page.unsure and key[0] in UNMARKED:
                    # Nothing tells whether ephyrad made it, or people while it tried to.
                    page.maker = EPHYRAD
                # What people made equal follows the old cloud again.
                page.open = page.asked = page.unsure = page.deleted = False
                page.left, page.known, page.missed = shown, True, False
            case "trouble":
                page.asked = page.asked and bool(body["again"])
                page.missed = page.missed or body["cause"] == "deleted-in-new-cloud"
                if not body["reason"].strip():
                    self._object(key, "has a problem without words")
            case "forgotten":
                page.missed = False
                page.open = page.asked = page.deleted = page.known = False

    def lost(self) -> None:
        """The journal is lost: without a mark, nothing tells that ephyrad made an item."""
        self.lost_at = self._clock.monotonic()
        for (kind, _), page in self.pages.items():
            page.unsure = page.unsure or page.open
            page.open = page.asked = page.deleted = page.known = False
            if kind in UNMARKED and page.maker == EPHYRAD:
                page.maker = PEOPLE

    def at_the_end(self) -> None:
        """Object to what should be gone by now, where all is known that there is to know."""
        wanted = set(map(there, truth_of(self._old)))
        for key, value in truth_of(self._new).items():
            page = self.pages[key]
            ours = page.maker == EPHYRAD and value == page.left and not page.unsure
            if ours and key not in wanted and key[0] in self._deletions and self.lost_at < 0:
                self._object(key, "is in the new cloud still, which the policy has deleted")

    def _remember_hashes(self) -> None:
        for ident, record in self._old.glance.records.items():
            if record["os_hash_value"]:
                self._hashes[ident] = record["os_hash_value"]

    def _object(self, key: Key, words: str) -> None:
        self.objections.append(f"{key[0]} {key[1]} {words}")
        self._said(f"{key[1]} OBJECTION: {words}")

# SPDX-License-Identifier: Apache-2.0
"""Identity: which of the new cloud's users, projects and the like is meant by one of the old's."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """A thing of a cloud that has an id and a name: a user, a project, a network, an image.

    `domain` is the name of the domain within which Keystone keeps names of users and of projects
    unique; "" where there is none.
    """

    id: str
    name: str
    domain: str = ""

    @property
    def label(self) -> str:
        """How people and tables name it: `DOMAIN/NAME`, or the name alone where is no domain."""
        return f"{self.domain}/{self.name}" if self.domain else self.name


class Directory:
    """All things of one kind that a cloud has, looked up by id and by name at once."""

    def __init__(self, kind: str, accounts: Iterable[Account]) -> None:
        """`kind` is the word for one of them in messages: "project"."""
        self.kind = kind
        self._by_id = {account.id: account for account in accounts}
        self._by_words: dict[str, list[Account]] = {}
        for account in self._by_id.values():
            for words in {account.label, account.name}:
                self._by_words.setdefault(words, []).append(account)

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, ident: str) -> Account | None:
        """Return what has this id."""
        return self._by_id.get(ident)

    def labelled(self, account: Account) -> list[Account]:
        """Return those that have the domain and the name of an account of another cloud."""
        found = self._by_words.get(account.label, ())
        return [
            each for each in found if (each.domain, each.name) == (account.domain, account.name)
        ]

    def named(self, words: str) -> list[Account]:
        """Return what a person means who gives an id, a `DOMAIN/NAME` or a name: the one with that
        id alone, or else all that are called so.
        """
        found = self._by_id.get(words)
        return [found] if found is not None else list(self._by_words.get(words, ()))


class By(enum.StrEnum):
    """By what the counterpart of a thing is found; see :func:`counterpart`."""

    ID = "id"
    NAME = "name"
    TABLE = "table"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Rule:
    """How things of one kind are matched; the table goes before `by`.

    `table` maps an id, a `DOMAIN/NAME` or a name of the old cloud to one of the new cloud. On a way
    back `several` has to what more than one is mapped, or may be, with all of them.
    """

    by: By = By.ID
    table: Mapping[str, str] = field(default_factory=dict, hash=False)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def reversed(self) -> "Rule":
        """Return the rule for the way back, in which nothing is guessed either."""
        sources: dict[str, list[str]] = {}
        for entry, meant in self.table.items():
            sources.setdefault(meant, []).append(entry)
        if self.by is By.KEEP:
            # What has no entry keeps its name, and so may have had that one all along.
            for meant, entries in sources.items():
                if meant not in self.table:
                    entries.append(meant)
        return Rule(
            self.by,
            {meant: entries[0] for meant, entries in sources.items() if len(entries) == 1},
            {meant: tuple(entries) for meant, entries in sources.items() if len(entries) > 1},
        )


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What is meant in the new cloud. `label` says it to people, as far as it is known."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class NoCounterpart:
    """Nothing, or more than one thing, may be meant; `because` says it with the cure."""

    because: str


def counterpart(
    ident: str, old: Directory, new: Directory, rule: Rule
) -> Counterpart | NoCounterpart:
    """Return what `ident`, an id of the old cloud, means in the new one. Nothing is guessed.

    By the table, where it has the thing's id, or its `DOMAIN/NAME`, or its name; else by the rule:
    what has the same id; the only one of the same domain and name; what the table alone says; or
    the id as it is, without a look at the new cloud.
    """
    source = old.find(ident)
    entry = told(ident, old, rule)
    if entry is not None:
        return _of_table(entry, new)
    if rule.several:
        found = next((words for words in _calls(ident, old) if words in rule.several), None)
        if found is not None:
            return ambiguous(old.kind, found, rule)
    called = f"{old.kind} {ident}" if source is None else f"{old.kind} {source.label} ({ident})"
    match rule.by:
        case By.KEEP:
            return Counterpart(ident, source.label if source else "")
        case By.ID:
            same = new.find(ident)
            if same is not None:
                return Counterpart(same.id, same.label)
            return NoCounterpart(
                f"the new cloud has no {old.kind} with the id of {called}: give its counterpart in"
                f" the mapping file ([migration] mapping_file), or have {old.kind}s matched by name"
                " there"
            )
        case By.TABLE:
            return NoCounterpart(f"the mapping file's table has no entry for {called}: add one")
        case By.NAME if source is None:
            return NoCounterpart(
                f"the old cloud has no {old.kind} {ident}, so its name is not known: give its"
                " counterpart in the mapping file's table"
            )
        case By.NAME:
            return _of_name(source, called, new)


def told(ident: str, old: Directory, rule: Rule) -> str | None:
    """Return what the table says of an id of the old cloud, None where it says nothing.

    A name counts only where one thing alone is called so.
    """
    if not rule.table:
        return None
    return next((rule.table[words] for words in _calls(ident, old) if words in rule.table), None)


def ambiguous(kind: str, value: str, rule: Rule) -> NoCounterpart:
    """Return why it cannot be told which of those that are mapped to one is meant on a way back."""
    return NoCounterpart(
        f"which {kind} of the new cloud {value} was cannot be told from the mapping file's table:"
        f" it may be {' or '.join(rule.several[value])}; leave in the table only what is meant"
        " while such nodes are returned"
    )


def _calls(ident: str, old: Directory) -> list[str]:
    """Return by what the thing with an id may be called in a table."""
    source = old.find(ident)
    if source is None:
        return [ident]
    names = (source.label, source.name)
    return [ident, *(words for words in names if old.named(words) == [source])]


def _of_table(entry: str, new: Directory) -> Counterpart | NoCounterpart:
    found = new.named(entry)
    if len(found) == 1:
        return Counterpart(found[0].id, found[0].label)
    what = f"{new.kind} {entry}, which the mapping file's table names"
    if not found:
        return NoCounterpart(f"the new cloud has no {what}: create it there, or correct the table")
    return NoCounterpart(f"the new cloud has {len(found)} of {what}: give an id in the table")


def _of_name(source: Account, called: str, new: Directory) -> Counterpart | NoCounterpart:
    found = new.labelled(source)
    if len(found) == 1:
        return Counterpart(found[0].id, found[0].label)
    if not found:
        return NoCounterpart(
            f"the new cloud has no {new.kind} called like {called}: create it there, or give its"
            " counterpart in the mapping file's table"
        )
    return NoCounterpart(
        f"the new cloud has {len(found)} {new.kind}s called like {called}: give the id of one in"
        " the mapping file's table"
    )

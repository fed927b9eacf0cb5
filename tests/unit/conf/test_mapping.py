# SPDX-License-Identifier: Apache-2.0
"""The mapping file: what it says, and what is wrong with it, with the line."""

from pathlib import Path

import pytest

from ephyrad.conf import mapping
from ephyrad.conf.errors import ConfigurationError
from ephyrad.conf.load import load, reread
from ephyrad.migration.identity import By, Rule
from ephyrad.migration.mapping import Kind, Names
from tests.unit.conf.writing import write

SAMPLE = Path(__file__).parents[3] / "etc/ephyrad/mapping.yaml.sample"

WHOLE = """\
projects:
  match: name
  table: {Default/demo: other}
networks: {match: table}
images: {table: {a: b}}
physical_networks: {table: {physnet1: ''}}
conductor_groups:
shards: {match: keep}
driver_info:
  carry: [acme_*]
  drop: [deploy_kernel]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mapping.yaml"


def test_without_a_file_ids_are_the_same() -> None:
    assert mapping.read(None) == Names()
    assert [Names().rule(kind).by for kind in Kind] == [By.NAME, *[By.ID] * 3, *[By.KEEP] * 3]


def test_all_that_it_may_say(path: Path) -> None:
    path.write_text(WHOLE)

    names = mapping.read(path)

    assert names == Names(
        {
            Kind.PROJECT: Rule(By.NAME, {"Default/demo": "other"}),
            Kind.NETWORK: Rule(By.TABLE),
            Kind.IMAGE: Rule(By.ID, {"a": "b"}),
            Kind.PHYSICAL_NETWORK: Rule(By.KEEP, {"physnet1": ""}),
            Kind.CONDUCTOR_GROUP: Rule(By.KEEP),
            Kind.SHARD: Rule(By.KEEP),
        },
        carry=("acme_*",),
        drop=("deploy_kernel",),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "driver_info:\n"])
def test_a_file_that_says_nothing_changes_nothing(path: Path, text: str) -> None:
    path.write_text(text)

    assert mapping.read(path) == Names()


def test_the_sample_says_what_holds_without_a_file(path: Path) -> None:
    assert mapping.read(SAMPLE) == Names()
    text = SAMPLE.read_text()
    lines = [line.removeprefix("#") for line in text[text.index("#users:") :].splitlines()]
    path.write_text("\n".join(line for line in lines if line[:1].isalpha() or line[:2] == "  "))

    names = mapping.read(path)

    assert {kind: rule.by for kind, rule in names.rules.items()} == {
        kind: Names().rule(kind).by for kind in Kind
    }
    assert (names.carry, len(names.drop)) == (("acme_*",), 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a", "line 1, column 1: the file must hold keys and values"),
        ("project: {}", "line 1, column 1: the file has no project: did you mean projects?"),
        ("shards: {}\nshards: {}", "line 2, column 1: the file has shards twice: put both into"),
        ("projects: name", "line 1, column 11: projects must hold keys and values"),
        ("projects:\n  by: id", "line 2, column 3: projects has no by: it may have match, table"),
        (
            "projects:\n  match: nam",
            "line 2, column 10: match of projects must be one of id, name, table, keep, not nam",
        ),
        (
            "shards: {match: id}",
            "line 1, column 17: match of shards must be one of table, keep, not id",
        ),
        ("images: {match: keep}", "match of images must be one of id, name, table, not keep"),
        ("projects: {match: yes}", "match of projects must be text: put it in quotes"),
        (
            "projects:\n  table:\n    0123: x",
            "line 3, column 5: a key in table of projects must be text: put it in quotes",
        ),
        (
            "projects:\n  table: {a: 12}",
            "line 2, column 14: what the table of projects says of a must be text",
        ),
        ("projects:\n  table: {a: ''}", "what the table of projects says of a is empty: fill it"),
        ("shards:\n  table: {a: b, a: c}", "line 2, column 17: table of shards has a twice"),
        ("driver_info: {carry: a}", "line 1, column 22: carry of driver_info must be a list"),
        ("driver_info: {carry: [1]}", "a key in carry of driver_info must be text"),
        ("projects: {<<: {}}", "projects cannot be merged with another by <<: write the keys out"),
        ("driver_info: {keep: []}", "driver_info has no keep: it may have carry, drop"),
        ("projects: {a", "this is not YAML ("),
        ("a: *b", "line 1, column 4: this is not YAML (found undefined alias"),
        ("a: b\n---\nc: d", "this is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(path: Path, text: str, says: str) -> None:
    path.write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        mapping.read(path)

    message = str(caught.value)
    assert message.startswith(f"mapping file {path}")
    assert says in message
    assert "\n" not in message


def test_it_is_read_at_the_start_and_again_on_reload(tmp_path: Path, path: Path) -> None:
    path.write_text("projects: {match: name}")
    argv = write(tmp_path, f"[migration]\nmapping_file = {path}")
    conf, before = load(argv)
    path.write_text("projects: {match: keep}")

    after = reread(argv, conf, before)

    assert before.policy.names.rule(Kind.PROJECT).by is By.NAME
    assert after.policy.names.rule(Kind.PROJECT).by is By.KEEP


def test_a_mistake_on_reload_changes_nothing(tmp_path: Path, path: Path) -> None:
    path.write_text("")
    argv = write(tmp_path, f"[migration]\nmapping_file = {path}")
    conf, before = load(argv)
    path.write_text("projects: {match: nam}")

    with pytest.raises(ConfigurationError, match="not nam"):
        reread(argv, conf, before)


@pytest.mark.parametrize(
    ("said", "user", "project"),
    [
        ("users: {table: {a: b}}\nprojects: {table: {c: d}}", By.ID, By.NAME),
        ("users: {match: name}\nprojects: {match: table, table: {c: d}}", By.NAME, By.TABLE),
        ("", By.ID, By.NAME),
    ],
    ids=["only tables", "both matches", "nothing"],
)
def test_a_table_alone_leaves_to_the_environment_how_the_others_are_matched(
    tmp_path: Path, path: Path, said: str, user: By, project: By
) -> None:
    path.write_text(said)
    words = f"[migration]\nmapping_file = {path}\n[environment]\nmatch_users = id"

    _, settings = load(write(tmp_path, words))

    rules = settings.environment.rules
    assert (rules.user.by, rules.project.by) == (user, project)
    assert dict(rules.user.table) == ({"a": "b"} if "a: b" in said else {})

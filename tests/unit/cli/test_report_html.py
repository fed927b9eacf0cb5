# SPDX-License-Identifier: Apache-2.0
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from tests.fakes.operations import FakeOperations
from tests.unit.cli.conftest import Run


class Page(HTMLParser):
    """Reads a page: its text, its tags with attributes, and whether each tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data)


def written(ephyra: Run, path: Path, *words: str) -> str:
    page = path / "report.html"
    result = ephyra("report", *words, "--html", str(page))
    assert result.status == 0, result.err
    return page.read_text()


def test_the_page_has_all_of_the_report(ephyra: Run, tmp_path: Path) -> None:
    page = Page(written(ephyra, tmp_path))

    assert page.open == []
    text = "\n".join(page.texts)
    for words in ("All nodes that ephyrad carried", "clean-failed", "30 min", "an orphan"):
        assert words in text
    assert "2 things are left to see to before the old cloud may be retired." in text
    assert [tag for tag, _ in page.tags].count("svg") == 2


def test_the_page_needs_nothing_beside_it(ephyra: Run, tmp_path: Path) -> None:
    text = written(ephyra, tmp_path)

    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not {"src", "href", "onload"} & {name for _, attrs in page.tags for name in attrs}
    assert re.findall(r"url\(|@import|https?:", text) == []


def test_what_it_quotes_is_escaped(
    ephyra: Run, operations: FakeOperations, tmp_path: Path, file: str
) -> None:
    nasty = "<script>alert(1)</script>\"'&"
    ephyra("rollout", "start", file)
    ephyra("rollout", "pause", "spring", "--reason", nasty)
    operations.reported = replace(
        operations.reported,
        unread=(nasty,),
        leftovers=tuple(
            replace(
                each,
                text=nasty,
                cure=nasty,
                things=tuple(replace(thing, name=nasty, words=nasty) for thing in each.things),
            )
            for each in operations.reported.leftovers
        ),
    )

    page = Page(written(ephyra, tmp_path, "spring"))

    assert "script" not in {tag for tag, _ in page.tags}
    assert sum(nasty in text for text in page.texts) == 2 + 2 + 1 + 2 + 2


def test_a_file_that_cannot_be_written_is_named(ephyra: Run, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "report.html"

    result = ephyra("report", "--html", str(path))

    assert (result.status, result.err) == (
        1,
        f"ephyra: report file {path}: No such file or directory: name a file that you may write\n",
    )

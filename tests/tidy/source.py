# SPDX-License-Identifier: Apache-2.0
"""What the tidy tests know of a source file: what it imports, and which dotted names it uses."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Use:
    """A dotted name as it is known outside the file ("datetime.datetime.now"), and its line."""

    name: str
    line: int


@dataclass(frozen=True)
class Source:
    """A file's text under its path in the checkout, with forward slashes."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """The dotted name; that of the package for an `__init__.py`."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        is_package = self.path.endswith("/__init__.py")
        return self.module if is_package else self.module.rpartition(".")[0]

    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)


def checkout_files() -> list[Path]:
    """Every file that is committed or about to be: what git tracks or would not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = (ROOT / name for name in sorted(set(listing.split("\0"))) if name)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def checkout_sources(under: str = "", suffix: str = "") -> list[Source]:
    """The text files below `under` ("ephyrad/") whose name ends in `suffix`."""
    sources = []
    for path in checkout_files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(under) and name.endswith(suffix):
            content = path.read_bytes()
            if b"\0" not in content:
                sources.append(Source(name, content.decode()))
    return sources


def imports(source: Source) -> Iterator[Use]:
    """Every module or name that the file imports, wherever and however it does so.

    `from a import b` counts as `a.b`: whether b is a module cannot be seen from here. Imports for
    type checking count like any other.
    """
    for node in ast.walk(source.tree()):
        match node:
            case ast.Import(names=names):
                yield from (Use(alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(names=names):
                base = _absolute(source, node)
                yield from (Use(f"{base}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield Use(name, node.lineno)


def uses(source: Source) -> Iterator[Use]:
    """Every name and attribute chain, under its name outside the file where it is imported.

    What hangs on a value that has no name begins with a dot: `f().close` is ".close".
    """
    known = _bindings(source)
    for node in ast.walk(source.tree()):
        if isinstance(node, ast.Name | ast.Attribute):
            head, *rest = _chain(node)
            yield Use(".".join([known.get(head, head), *rest]), node.lineno)


def _bindings(source: Source) -> dict[str, str]:
    known = {}
    for node in ast.walk(source.tree()):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    known[alias.asname or name] = name
            case ast.ImportFrom(names=names):
                base = _absolute(source, node)
                known.update(
                    {alias.asname or alias.name: f"{base}.{alias.name}" for alias in names}
                )
    return known


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _chain(node: ast.expr) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Attribute(value=value, attr=attr):
            return [*_chain(value), attr]
    return [""]

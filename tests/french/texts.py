"""Every French text of the project, with where it stands and without what is code in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.collection import ROOT

MARKDOWN = ("README.fr.md", "docs/fr/**/*.md")
DATA = ("exercises/*.yml", "docs/course.yml", "launcher/paper/words.yml")
MESSAGES = ("launcher/french.yml",)
PROGRAMS = ("plugins/**/*.py", "launcher/**/*.py", "docs/site/*.py")

CODE_BLOCK = re.compile(r"^(```+).*?^\1 *$|^(?: {4}[^\n]*\n)+", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(
    r"""`[^`]*`                              # marked as code
      | \]\([^)]*\)                          # where a link leads
      | <[^<>\s]+>                           # an address
      | \{[^{}]*\}                           # what is filled in
      | [\w.+-]*[\w/.=$\\{}<>^*:@~+|]*[_/=$\\{}^*@~|][^\s,;)»]*   # a path, an address, a parameter
      | (?<!\S)-\w+(?:\s+"[^"]*")?          # an option, and what it is given in quotes
      | \b[\w-]+\.[a-z]{2,}\b                # a file or a domain
      | \b[A-Z]{2,}[A-Z0-9-]*s?\b            # SMTP
      | \b[A-Z][\w-]*:(?!\w)                 # a header's name
      | \b(?:cdb|dbm|hash|lmdb|pcre|regexp|texthash):  # a type of table
      | \b[\w-]+:\w[^\s,;)»]*               # a table, or a host and its port
      | \b\w*\d\w*\b
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Text:
    """A text in French, and the file and line that it begins at."""

    file: str
    line: int
    text: str

    @property
    def prose(self) -> str:
        """The text without code, of the same length, so that places stay."""
        return CODE.sub(lambda found: re.sub(r"\S", " ", found[0]), self.text)

    def place(self, at: int) -> str:
        """Return file and line of a place in the text."""
        return f"{self.file}:{self.line + self.text.count(chr(10), 0, at)}"


def every_text() -> list[Text]:
    """Return all of them."""
    found = [text for path in _files(MARKDOWN) for text in of_markdown(path)]
    found += [text for path in _files(DATA) for text in of_data(path)]
    found += [text for path in _files(MESSAGES) for text in of_messages(path)]
    return found + [text for path in _files(PROGRAMS) for text in of_program(path)]


def _files(patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(ROOT.glob(pattern))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def of_markdown(path: Path) -> Iterator[Text]:
    """Yield the prose of a page, with blank lines in the place of blocks of code."""
    yield Text(_name(path), 1, _without_blocks(path.read_text(encoding="utf-8")))


def _without_blocks(text: str) -> str:
    for pattern in (COMMENT, CODE_BLOCK):
        text = pattern.sub(lambda found: "\n" * found[0].count("\n"), text)
    return text


def of_data(path: Path) -> Iterator[Text]:
    """Yield the texts that stand under a key fr."""
    yield from _under_fr(yaml.compose(path.read_text(encoding="utf-8")), _name(path))


def _under_fr(node: Any, file: str) -> Iterator[Text]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _under_fr(child, file)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "fr" and isinstance(value, yaml.ScalarNode):
                # A block begins on the line below its key.
                below = value.style in ("|", ">")
                yield Text(file, value.start_mark.line + 1 + below, _without_blocks(value.value))
            else:
                yield from _under_fr(value, file)


def of_messages(path: Path) -> Iterator[Text]:
    """Yield the values of a mapping of English messages to French ones."""
    node = yaml.compose(path.read_text(encoding="utf-8"))
    assert isinstance(node, yaml.MappingNode)
    for _english, french in node.value:
        yield Text(_name(path), french.start_mark.line + 1, french.value)


def of_program(path: Path) -> Iterator[Text]:
    """Yield the strings of a program in French.

    They stand under a key "fr", in _FRENCH, or behind the English in a call of both().
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for value in _in_french(node):
            yield from _strings(value, _name(path))


def _in_french(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values):
            if isinstance(key, ast.Constant) and key.value == "fr":
                yield value
    elif isinstance(node, ast.Assign) and [ast.unparse(each) for each in node.targets] == [
        "_FRENCH"
    ]:
        yield node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "both" and len(node.args) == 2:
        yield node.args[1]


def _strings(node: ast.expr, file: str) -> Iterator[Text]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value, file)
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield Text(file, part.lineno, part.value)

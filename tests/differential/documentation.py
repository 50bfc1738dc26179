"""The examples of Postfix's own documentation, as configurations."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass

PREFORMATTED = re.compile(r"<pre>(.*?)</pre>", re.DOTALL | re.IGNORECASE)
HEADING = re.compile(r"(?:Example: )?(/etc/postfix[\w-]*/[\w.-]+|\w+\.cf): *(?:\(.*\))?")
PARAMETER = re.compile(r"([a-z]\w+) =(?: |$)")
NOT_SAID = re.compile(r"\.\.\.|…|(?:^|\s)\.\.?\s|\w \| \w|^(?:other_)?parameter =")
"""What stands for something that an example leaves out, or leaves to be chosen."""
NOTE = re.compile(r"(?<=\S)\s+\((?:[^()]|\(8\))*\)\s*$|\s+\(safe: .*", re.MULTILINE)
"""What is said of a line to the reader, behind it in parentheses."""
NUMBERED = re.compile(r"^ *\d+ (?= )|^\s*\d+$", re.MULTILINE)


@dataclass
class Scene:
    """An example: the page that it is on, and what it writes into main.cf and master.cf."""

    page: str
    main: str = ""
    master: str = ""


def scenes(page: str, text: str, parameters: Collection[str]) -> Iterator[Scene]:
    """Yield the examples of a page in HTML.

    :arg parameters: names, one of which starts an example that names no file.
    """
    for match in PREFORMATTED.finditer(text):
        plain = html.unescape(re.sub(r"<[^>]*>", "", match[1])).replace("\xa0", " ")
        plain = plain.strip("\n").expandtabs()
        if NUMBERED.match(plain):
            plain = NUMBERED.sub("", plain)
        first = PARAMETER.match(plain.lstrip())
        name = "main.cf" if first and first[1] in parameters else ""
        for files in _alternatives(name, plain):
            parts = {name: textwrap.dedent("\n".join(lines)) for name, lines in files.items()}
            if any(NOT_SAID.search(part) for part in parts.values()):
                continue
            main, master = parts.get("main.cf", ""), parts.get("master.cf", "")
            if main.strip() or master.strip():
                yield Scene(page, NOTE.sub("", main) + "\n", master and master + "\n")


def _alternatives(name: str, text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the lines of each file, once for every way that a text shows of one parameter."""
    files: dict[str, list[str]] = {}
    seen: set[str] = set()
    margin = 0
    for line in text.split("\n"):
        heading = HEADING.fullmatch(line.strip())
        found = PARAMETER.match(line.lstrip())
        if heading:
            name = heading[1].rpartition("/")[2]
        again = heading and name in files or name == "main.cf" and found and found[1] in seen
        if again:
            yield files
            files, seen = {}, set()
        depth = len(line) - len(line.lstrip())
        if heading:
            files[name] = []
        elif line.strip() and files.get(name) and depth < margin:
            name = ""  # a manual page goes on with its text
        elif name and (line.strip() or files.get(name)):
            margin = margin if files.get(name) else depth
            files.setdefault(name, []).append(line)
            seen |= {found[1]} if found else set()
    yield files

# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plain text of an exercise is made of: paragraphs, lists, commands, and words of code."""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE = re.compile(
    r"""(?<![\w/])(?:
        `[^`\n]+`                              # marked as code
      | \$[a-z_]+                              # $mydomain
      | [a-z]+:/[\w/.-]+\w                     # hash:/etc/postfix/access
      | (?:~|(?<=\s)|(?<=\()|^)/(?:[\w.-]+/)*[\w*-]+(?:\.[\w-]+)*  # /etc/postfix, ~/Maildir
      | [a-z]+(?:_[a-z0-9]+)+(?:\.[a-z]+|=\w+)?  # smtpd_sender_restrictions, keep_homes=false
      | (?:main|master)\.cf
    )(?![\w/-])""",
    re.VERBOSE | re.MULTILINE,
)

PARAGRAPH, LIST, COMMANDS = "paragraph", "list", "commands"


@dataclass(frozen=True)
class Block:
    """A paragraph, which is one text; a list, of its items; or commands, which are one text."""

    kind: str
    texts: list[str]


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text: empty lines part them, and what is indented is commands."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        for lines, indented in _runs(block.split("\n")):
            if indented:
                width = min(len(line) - len(line.lstrip()) for line in lines)
                found.append(Block(COMMANDS, ["\n".join(line[width:] for line in lines)]))
            elif all(line.startswith(("- ", "  ")) for line in lines):
                found.append(Block(LIST, _items(lines)))
            else:
                found.append(Block(PARAGRAPH, ["\n".join(lines)]))
    return found


def spans(text: str) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is code: a parameter, a path, a table."""
    found, end = [], 0
    for match in CODE.finditer(text):
        found += [(text[end : match.start()], False), (match[0].strip("`"), True)]
        end = match.end()
    return [piece for piece in (*found, (text[end:], False)) if piece[0]]


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line[2:])
        else:
            items[-1] += f"\n{line.strip()}"
    return items


def _runs(lines: list[str]) -> list[tuple[list[str], bool]]:
    """Return runs of lines that are indented, or are not; an item's next lines belong to it."""
    runs: list[tuple[list[str], bool]] = []
    for line in lines:
        is_list = bool(runs) and not runs[-1][1] and runs[-1][0][0].startswith("- ")
        indented = line.startswith("  ") and not is_list
        if runs and runs[-1][1] == indented:
            runs[-1][0].append(line)
        else:
            runs.append(([line], indented))
    return runs

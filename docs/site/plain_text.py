"""Texts of exercises, which are plain, as Markdown: paragraphs, commands, and words of code."""

from __future__ import annotations

import re

PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+!|<>~$^&])")

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


def escaped(text: str) -> str:
    """Return a plain text as Markdown that shows it as it is."""
    text = PUNCTUATION.sub(r"\\\1", text)
    return re.sub(r"^(\s*\d*)([-.])(?=\s)", r"\1\\\2", text, flags=re.MULTILINE)


def in_line(text: str) -> str:
    """Return a plain text as Markdown in which parameters, paths and tables are code."""
    parts, end = [], 0
    for found in CODE.finditer(text):
        parts += [escaped(text[end : found.start()]), f"`{found[0].strip('`')}`"]
        end = found.end()
    return "".join([*parts, escaped(text[end:])])


def blocks(text: str) -> list[str]:
    """Return the paragraphs of a plain text as Markdown; what is indented is a block of code."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines = block.split("\n")
        for part, indented in _runs(lines):
            if indented:
                width = min(len(line) - len(line.lstrip()) for line in part)
                code = "\n".join(line[width:] for line in part)
                found.append(f"```text\n{code}\n```")
            elif all(line.startswith("- ") or line.startswith("  ") for line in part):
                found.append("\n".join(_item(line) for line in part))
            else:
                found.append(in_line("\n".join(part)))
    return found


def _item(line: str) -> str:
    return f"- {in_line(line[2:])}" if line.startswith("- ") else f"  {in_line(line.strip())}"


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

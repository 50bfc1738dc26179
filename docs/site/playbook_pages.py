"""The page of the playbooks, made of the comments that they begin with."""

from __future__ import annotations

import re
from pathlib import Path

from docs.site.plain_text import in_line

COMMAND = re.compile(r":\s*(ansible-playbook [^\n]+?)\s*(?=\n|$)")

HEAD = """\
# Playbooks

Each is one verb, for the machines of any inventory. In a checkout they are called as
`.venv/bin/ansible-playbook playbooks/site.yml`, with the collection installed as
`ansible-playbook labs.mail.site`. Their variables are written with `-e`.
"""


def write(folder: Path, target: Path) -> None:
    """Write playbooks.md. Raises ValueError where a playbook does not say what it does."""
    parts = [HEAD, *(_section(path) for path in sorted(folder.glob("*.yml")))]
    (target / "playbooks.md").write_text("\n".join(parts), encoding="utf-8")


def _section(path: Path) -> str:
    comment = leading_comment(path.read_text(encoding="utf-8"))
    if not comment:
        raise ValueError(f"{path.name}: begin with a comment that says what the playbook does")
    parts = [f"## {path.stem}"]
    for paragraph in comment.split("\n\n"):
        before, *called = COMMAND.split(paragraph, maxsplit=1)
        parts.append(in_line(f"{before}:" if called else before))
        if called:
            command, after = called
            parts += [f"```text\n{command}\n```", in_line(after.strip())]
    return "\n\n".join(parts) + "\n"


def leading_comment(text: str) -> str:
    """Return the comment above a playbook's first play, without its marks."""
    found = re.match(r"---\n((?:#.*\n)+)", text)
    if not found:
        return ""
    return "\n".join(line[1:].strip() for line in found[1].splitlines())

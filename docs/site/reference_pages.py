"""The reference: what antsibull-docs has written, put into order."""

from __future__ import annotations

import re
from pathlib import Path

KINDS = {
    "module": ("Modules", "Called in tasks; `ansible-doc labs.mail.postfix_main` prints the same."),
    "role": ("Roles", "One system each; `ansible-doc -t role labs.mail.postfix` prints the same."),
    "filter": ("Filters", "Used in templates, as `value | labs.mail.name`."),
    "lookup": ("Lookups", "Used in templates, as `lookup('labs.mail.name')`."),
    "callback": ("Callbacks", "Say what happens while a playbook runs."),
}

TITLE = re.compile(r"^labs\.mail\.(\w+) \w+ -- (.*)\n\++$", re.MULTILINE)

# The theme has a table of contents beside each page.
CONTENTS = re.compile(r"^\.\. contents::\n(?: +:.*\n)*", re.MULTILINE)


def arrange(folder: Path) -> None:
    """Write the page of each kind and the index; raises ValueError for a page of no known kind."""
    kinds: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    others = []
    # The collection's own page, in whose place is ours.
    (folder / "index.rst").unlink(missing_ok=True)
    for path in sorted(folder.glob("*.rst")):
        text = path.read_text(encoding="utf-8")
        path.write_text(CONTENTS.sub("", text), encoding="utf-8")
        kind = path.stem.rpartition("_")[2]
        title = TITLE.search(text)
        if title and kind in KINDS:
            kinds[kind].append((title[1], title[2]))
        elif path.stem == "environment_variables":
            others.append(path.stem)
        else:
            raise ValueError(f"{path.name}: the reference has no place for it; add its kind")
    used = [kind for kind, pages in kinds.items() if pages]
    for kind in used:
        (folder / f"{kind}s.md").write_text(_kind(kind, kinds[kind]), encoding="utf-8")
    names = "\n".join([*(f"{kind}s" for kind in used), *others])
    index = f"# Reference\n\n```{{toctree}}\n:maxdepth: 2\n\n{names}\n```\n"
    (folder / "index.md").write_text(index, encoding="utf-8")


def _kind(kind: str, pages: list[tuple[str, str]]) -> str:
    heading, said = KINDS[kind]
    rows = [f"| [{name}]({name}_{kind}.rst) | {text} |" for name, text in pages]
    entries = "\n".join(f"{name} <{name}_{kind}>" for name, _text in pages)
    table = "\n".join([f"| {heading} | |", "|---|---|", *rows])
    return f"# {heading}\n\n{said}\n\n{table}\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"

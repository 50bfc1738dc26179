"""Links of a page's source to files of the repository, as links of the site."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

PAGES = {
    r"plugins/(?:modules|action)/(\w+)\.py": "reference/{}_module.rst",
    r"plugins/filter/(\w+)\.py": "reference/{}_filter.rst",
    r"plugins/lookup/(\w+)\.py": "reference/{}_lookup.rst",
    r"roles/(\w+)": "reference/{}_role.rst",
    r"playbooks/(\w+)\.yml": "playbooks.md#{}",
    r"exercises/(\w+)\.yml": "exercises/{}.md",
    r"exercises": "exercises/index.md",
    r"CONTRIBUTING\.md": "contributor/contributing.md",
    r"README(?:\.fr)?\.md": "index.md",
}
"""The page of the site that a file of the repository has become."""

ENGLISH_ALONE = ("reference/", "playbooks", "contributor/", "administrator/")
"""Pages that are in no other language."""

GENERATED = re.compile(r"docs/(en|fr)/(course|exercises/index|teacher/answers/index)\.md")
"""Pages that a guide may name before they are made."""

LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")

CODE = re.compile(
    r"(^ *(```+|~~~+)[^\n]*\n.*?^ *\2 *$|^(?: {4}[^\n]*\n)+|`[^`\n]+`)", re.MULTILINE | re.DOTALL
)
"""A block between fences, one that is indented, or code in a line."""


class LinkError(Exception):
    """A link to a file that is not there."""


def on_the_site(text: str, source: str, page: str, language: str, root: Path, url: str) -> str:
    """Return a page's Markdown with links that hold on the site.

    source is the file that the text stands in and page the one that it becomes, of this language;
    url is where the repository's files can be read. Raises LinkError.
    """
    here = PurePosixPath(page).parent

    def replace(match: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(source).parent / match[1])
        if not (root / target).exists() and not GENERATED.fullmatch(target):
            line = text.count("\n", 0, match.start()) + 1
            raise LinkError(f"{source}:{line}: there is no {target}; name a file that is there")
        return f"]({_link(target, match[2] or '', here, language, url)})"

    return outside_code(text, lambda part: LINK.sub(replace, part))


def _link(target: str, fragment: str, here: PurePosixPath, language: str, url: str) -> str:
    if match := re.fullmatch(r"docs/(en|fr)/(.*)", target):
        return _page(match[2] + fragment, match[1], here, language)
    if target.startswith("docs/images/"):
        return os.path.relpath(target.removeprefix("docs/"), f"{language}/{here}")
    for pattern, name in PAGES.items():
        if match := re.fullmatch(pattern, target):
            page = name.format(*match.groups())
            return _page(page if "#" in page else page + fragment, language, here, language)
    return f"{url}/blob/main/{target}{fragment}"


def _page(page: str, wanted: str, here: PurePosixPath, language: str) -> str:
    """Return the link to a page; where it is of the other language, by that site's inventory."""
    if page.startswith(ENGLISH_ALONE):
        wanted = "en"
    if wanted == language:
        return os.path.relpath(page, here)
    return f"inv:{wanted}:std:doc#{page.partition('#')[0].rpartition('.')[0]}"


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change Markdown where it is neither a code block nor code in a line."""
    parts = re.split(CODE, text)
    # The pattern's two groups stand behind each text: what it matched, and its fence.
    return "".join(
        change(part) if number % 3 == 0 else part if number % 3 == 1 else ""
        for number, part in enumerate(parts)
        if part is not None
    )

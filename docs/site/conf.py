"""Sphinx's configuration for both languages; `python -m docs.site` says which one it builds."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

project = "labs.mail"
author = ", ".join(GALAXY["authors"])
version = release = GALAXY["version"]
language = os.environ["SITE_LANGUAGE"]
# Sphinx compiles it there.
locale_dirs = ["../../locale"]

# linkify and the like stay off: a page links to what it names, and to nothing else.
extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Pages of the other language are checked as well, through the inventory of its site.
intersphinx_mapping = {}
if inventory := os.environ.get("SITE_ENGLISH_INVENTORY"):
    intersphinx_mapping["en"] = ("../en", inventory)
intersphinx_disabled_reftypes: list[str] = []

highlight_language = "text"
pygments_style = "friendly"
pygments_dark_style = "monokai"

html_theme = "furo"
html_title = {"en": "labs.mail: a lab for mail servers", "fr": "labs.mail : un TP de messagerie"}[
    language
]
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/languages.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_use_index = False
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
# A browser reads no other file for a page that was opened from a file.
html_show_search_summary = False
html_context: dict[str, Any] = {"languages": {"fr": "Français", "en": "English"}}


ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
ANSIBLE_PAGES = {
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
"""Ansible's own pages that antsibull-docs refers to; its inventory is not fetched."""


BEFORE_THE_THEME = 400
"""The theme makes its navigation of a page at the usual priority, 500."""


def setup(app: Any) -> None:
    """Tell each page where it is and whether another language has it; find Ansible's pages."""
    app.connect("html-page-context", _other_language)
    app.connect("html-page-context", _branch_of_the_page, priority=BEFORE_THE_THEME)
    app.connect("missing-reference", _page_of_ansible)
    app.connect("doctree-resolved", _from_where_the_page_is)


def _branch_of_the_page(
    _app: Any, _name: str, _template: str, context: dict[str, Any], _tree: Any
) -> None:
    """Have the navigation open where the page is, and name the other branches alone.

    With every page of the site on every page, most of the time of a build went there.
    """
    whole = context.get("toctree")
    if whole:
        context["toctree"] = lambda **options: whole(**{**options, "collapse": True})


def _page_of_ansible(_app: Any, _env: Any, node: Any, content: Any) -> Any:
    target = node["reftarget"]
    kind = re.fullmatch(r"(\w+)_plugins", target)
    module = re.fullmatch(r"ansible_collections\.ansible\.builtin\.(\w+)", target)
    if node["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        page = f"reference_appendices/config.html#envvar-{target}"
    elif module:
        page = f"collections/ansible/builtin/{module[1]}.html"
    elif kind:
        page = f"plugins/{kind[1]}.html"
    elif target in ANSIBLE_PAGES:
        page = ANSIBLE_PAGES[target]
    else:
        return None
    link = nodes.reference("", "", internal=False, refuri=ANSIBLE + page)
    link.append(content)
    return link


def _from_where_the_page_is(_app: Any, doctree: Any, page: str) -> None:
    """Lead to the other language from a page in a folder, too: MyST leaves out the way up."""
    for link in doctree.findall(nodes.reference):
        if link.get("refuri", "").startswith("../en/"):
            link["refuri"] = "../" * page.count("/") + link["refuri"]


def _other_language(app: Any, page: str, _template: str, context: dict[str, Any], *_: Any) -> None:
    pages = Path(app.srcdir).parent
    context["in_languages"] = {
        code: page if page == "search" or list((pages / code).glob(f"{page}.*")) else "index"
        for code in context["languages"]
    }

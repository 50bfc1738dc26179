"""What must have a page has one, in each language that it is read in."""

from __future__ import annotations

import re

import pytest
import yaml

from docs.site import course_page
from tests.support.collection import ROOT

EXERCISES = sorted(path.stem for path in ROOT.glob("exercises/*.yml"))
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))
ROLES = sorted(path.name for path in ROOT.glob("roles/*"))


def words(html: str) -> str:
    """The text of a page, without what leads to others."""
    (article,) = re.findall(r"<article.*?</article>", html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", article))


MOST_SECONDS = 60
"""What `make docs` may take. Beside other steps the clock says more, and the processor is asked."""


def test_the_site_is_built_in_a_minute(built):
    assert built[1] < MOST_SECONDS


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_page_and_an_example_in_the_guide(site, name):
    assert "Synopsis" in (site / f"en/reference/{name}_module.html").read_text()
    guide = (ROOT / "docs/en/administrator/modules.md").read_text()
    assert f"[{name}](../../../plugins/modules/{name}.py)" in guide


@pytest.mark.parametrize("name", ROLES)
def test_every_role_has_a_page_and_a_row_in_the_guide(site, name):
    assert "Entry point" in (site / f"en/reference/{name}_role.html").read_text()
    guide = (ROOT / "docs/en/administrator/index.md").read_text()
    assert f"| [{name}](../../../roles/{name}) |" in guide


@pytest.mark.parametrize("kind", ["filter", "lookup"])
def test_every_plugin_has_a_page(site, kind):
    names = {path.stem for path in ROOT.glob(f"plugins/{kind}/*.py")}
    pages = {path.stem for path in (site / "en/reference").glob(f"*_{kind}.html")}
    assert pages == {f"{name}_{kind}" for name in names}


def test_every_playbook_is_described(site):
    page = (site / "en/playbooks.html").read_text()
    for path in ROOT.glob("playbooks/*.yml"):
        name = path.stem.replace("_", "-")
        assert f'<section id="{name}">' in page


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", EXERCISES)
def test_a_students_page_has_the_assignment_and_no_solution(site, name, language):
    data = yaml.safe_load((ROOT / f"exercises/{name}.yml").read_text())
    page = (site / language / f"exercises/{name}.html").read_text()
    for check in data["checks"]:
        assert plain(check["title"][language]) in plain(words(page))
    assert page.count('<details class="hint">') == len(data.get("hints", []))
    answers = (site / language / f"teacher/answers/{name}.html").read_text()
    for variable in data["solution"]:
        assert variable in words(answers)
        assert variable not in words(page)
    for fault in data["faults"]:
        assert plain(fault["title"][language]) in plain(words(answers))
        assert plain(fault["title"][language]) not in plain(words(page))


def plain(text: str) -> str:
    """A text without what typography makes of it."""
    return re.sub(r"&\w+;|&#\w+;|[^\w]", "", text)


@pytest.mark.parametrize("folder", ["teacher", "student"])
def test_guides_for_class_are_there_in_both_languages(folder):
    english, french = (
        {path.name for path in (ROOT / f"docs/{language}/{folder}").glob("*.md")}
        for language in ("en", "fr")
    )
    assert english
    assert english == french


def test_a_page_leads_to_itself_in_the_other_language(site):
    page = (site / "fr/exercises/canonical.html").read_text()
    assert 'href="../../en/exercises/canonical.html">English</a>' in page
    page = (site / "en/reference/postfix_main_module.html").read_text()
    assert 'href="../../fr/index.html">Français</a>' in page


def test_the_course_names_every_exercise_and_no_other():
    assert sorted(course_page.exercises(course_page.steps())) == EXERCISES


def test_each_step_of_the_course_says_what_became_of_it():
    for part in course_page.steps():
        for step in part["steps"]:
            assert {"exercises", "here", "left_out"} & set(step), step["title"]
            assert set(step) <= {"title", "exercises", "here", "left_out"}
            for key in ("title", "here", "left_out"):
                assert set(step.get(key, {"fr": "", "en": ""})) == {"fr", "en"}


def test_every_room_of_the_engines_is_described():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = text[text.index("## Rooms") : text.index("## How the layers")]
    for path in (ROOT / "plugins/module_utils").iterdir():
        if path.name.startswith("_") and not path.name.startswith("__"):
            assert f"`{path.stem}`" in table

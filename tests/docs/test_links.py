"""No link of the site leads nowhere, and no page loads anything from elsewhere."""

from __future__ import annotations

import pytest

from tests.docs.html_links import faults


def test_every_link_leads_somewhere_and_nothing_comes_from_elsewhere(pages):
    assert not list(faults([page.resolve() for page in pages]))


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="gone.html">', "gone.html is not there"),
        ('<a href="#nowhere">', "#nowhere names no place of that page"),
        ('<a href="page.html#nowhere">', "page.html#nowhere names no place of that page"),
        ('<img src="gone.png">', "gone.png is not there"),
        ('<link href="https://fonts.example.org/a.css">', "loads https://fonts.example.org/a.css"),
        ('<script src="//cdn.example.org/a.js">', "loads //cdn.example.org/a.js"),
    ],
)
def test_such_a_link_is_found(tmp_path, html, fault):
    page = tmp_path / "page.html"
    page.write_text(html)
    (found,) = faults([page])
    assert found == f"{page}: {fault}"


def test_links_that_hold_are_none(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<p id="here"><a href="#here"><a href="page.html"><a href="https://a.example">')
    assert not list(faults([page]))

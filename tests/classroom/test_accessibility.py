"""axe-core finds nothing wrong with the pages of students and of the teacher, in both languages."""

from __future__ import annotations

import os

import pytest

from launcher.board import event_file
from launcher.board.events import line_of
from tests.launcher.board.conftest import Site, class_of
from tests.support.axe import findings
from tests.support.board_toolchain import install_board
from tests.support.class_page import browser
from tests.support.classroom import free_port
from tests.support.waiting import until

LANGUAGES = ["en", "fr"]
BOARD = ["/", "/projector", "/replay", "/seat/student2"]


def nothing_found(driver):
    found, passed = findings(driver)
    assert found == []
    # An empty page meets three or four.
    assert passed >= 10
    print(f"COUNTED {passed} rules of axe-core met, 0 findings: {driver.title}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_found_of_the_students_pages(room, student, language):
    with browser(f"https://127.0.0.1:{room.page_port}/") as page:
        page.open(language)
        nothing_found(page.driver)
        page.log_in(student.account, student.words, language)
        until(lambda: "root@" in page.screen())
        until(lambda: len(page.find("assignment").text) > 50)
        assert page.driver.find_element("tag name", "html").get_attribute("lang") == language
        nothing_found(page.driver)
        page.press("check")
        page.press("hint")
        nothing_found(page.driver)


@pytest.fixture(scope="module", params=LANGUAGES)
def board(request, tmp_path_factory):
    """A board of thirty, and a browser that has come in."""
    install_board()
    directory = tmp_path_factory.mktemp("board")
    event_file.append(directory / "events.jsonl", map(line_of, class_of(30)))
    before = os.environ.get("LAB_LANGUAGE")
    os.environ["LAB_LANGUAGE"] = request.param
    try:
        site = Site(directory, free_port())
    finally:
        os.environ.pop("LAB_LANGUAGE")
        if before is not None:
            os.environ["LAB_LANGUAGE"] = before
    with browser(site.home) as found:
        found.driver.get(f"{site.home}/")
        name, _equals, value = site.cookie.partition("=")
        found.driver.add_cookie({"name": name, "value": value})
        yield site, found, request.param
    site.stop()


@pytest.mark.parametrize("path", BOARD)
def test_nothing_is_found_of_the_board(board, path):
    site, page, language = board
    page.driver.get(f"{site.home}{path}")
    assert page.driver.find_element("tag name", "html").get_attribute("lang") == language
    nothing_found(page.driver)
    asked = {url for url in page.asked() if url.startswith(("http:", "https:", "ws"))}
    assert asked
    assert all(url.startswith(f"{site.home}/") for url in asked), asked


def test_what_is_wrong_is_found(board):
    _site, page, _language = board
    page.driver.get("data:text/html,<html><body><img src='x'><input></body></html>")
    found, _passed = findings(page.driver)
    assert {each.partition(":")[0] for each in found} >= {"image-alt", "label", "html-has-lang"}

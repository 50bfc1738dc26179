"""The site opened from files in a real browser that reaches no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.debian_packages import need

OUT_OF_REACH = "--host-resolver-rules=MAP * ~NOTFOUND"
"""Every name and address is refused, so that what is asked for is logged and not got."""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = need("chromium", "chromium")
    for argument in ("--headless", "--no-sandbox", "--disable-dev-shm-usage", OUT_OF_REACH):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options, Service(need("chromedriver", "chromium-driver")))
    yield driver
    driver.quit()


def asked_outside(browser: webdriver.Chrome) -> list[str]:
    """What pages have asked for since the last call that is no file."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith(("file:", "data:"))]


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the browser has said since the last call that a page has done wrong."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_every_page_opens_and_asks_for_nothing_outside(browser, pages, told):
    for page in pages:
        browser.get(page.as_uri())
        assert browser.title, page
        assert browser.find_elements(By.CSS_SELECTOR, "h1, #search-results"), page
        assert not asked_outside(browser), page
        assert not complaints(browser), page
    told(f"{len(pages)} pages opened, 0 requests outside")


def test_a_page_that_asks_outside_is_found(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<h1>Out</h1><img src="https://www.example.org/x.png">')
    browser.get(page.as_uri())
    assert asked_outside(browser) == ["https://www.example.org/x.png"]
    assert complaints(browser)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("word", "page"),
    [("canonical", "exercises/canonical.html"), ("postfix_main", "administrator/modules.html")],
)
def test_search_finds(browser, site, language, word, page):
    if language == "fr":
        page = page.replace("administrator/modules", "exercises/canonical")
        word = word.replace("postfix_main", "réécrire")
    assert page in found(browser, site / language / f"search.html?q={word}")


def test_search_finds_nothing_for_what_is_nowhere(browser, site):
    assert not found(browser, site / "fr/search.html?q=xylophone")


def found(browser: webdriver.Chrome, address: Path) -> list[str]:
    """The pages that a search lists."""
    browser.get(f"file://{address}")
    heading = (By.CSS_SELECTOR, "#search-results h2")
    done = ("Search Results", "Résultats de la recherche")
    WebDriverWait(browser, 20).until(lambda driver: driver.find_element(*heading).text in done)
    summary = (By.CSS_SELECTOR, "#search-results p.search-summary")
    WebDriverWait(browser, 20).until(lambda driver: driver.find_element(*summary).text)
    links = browser.find_elements(By.CSS_SELECTOR, "#search-results li a")
    pages = [str(link.get_attribute("href")).split("?", maxsplit=1)[0] for link in links]
    return [page.removeprefix(f"{address.parent.as_uri()}/") for page in pages]

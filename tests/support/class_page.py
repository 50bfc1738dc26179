"""The page of a class in a real browser, as a student sees it."""

from __future__ import annotations

import contextlib
import json
import secrets
import tempfile
from collections.abc import Iterator

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.support.debian_packages import need
from tests.support.waiting import until

SEEN = "return document.querySelector('.xterm-rows')?.innerText ?? ''"
"""What is on the terminal's screen."""


class Browser:
    """A browser with nothing of another one's, and what a student does in it."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def find(self, place: str) -> WebElement:
        """Return an element of the page by its identifier, once it is there."""
        until(lambda: self.driver.find_elements(By.ID, place))
        return self.driver.find_element(By.ID, place)

    def open(self, language: str) -> None:
        """Open the first page."""

        def opened() -> list[WebElement]:
            # Chromium gives up a page where another network of this computer comes or goes.
            self.driver.get(f"{self.address}{language}/")
            return self.driver.find_elements(By.ID, "student")

        until(opened)

    def log_in(self, student: str, words: str, language: str = "en") -> None:
        """Type what stands on a card."""
        self.open(language)
        self.find("student").send_keys(student)
        self.find("card").send_keys(words)
        self.driver.find_element(By.CSS_SELECTOR, "form button").click()
        self.find("terminal")

    def press(self, button: str) -> str:
        """Press a button, and return what the page says once it is done."""
        pressed = self.find(button)
        pressed.click()
        until(lambda: not pressed.get_attribute("aria-disabled"), seconds=60)
        return self.find("said").text

    def connected(self) -> None:
        """Wait for the terminal."""
        until(lambda: "connected" in self.find("connection").text, seconds=30)
        until(lambda: "root@" in self.screen(), seconds=30)

    def type(self, text: str) -> None:
        """Type into the terminal."""
        self.driver.find_element(By.CSS_SELECTOR, ".xterm-helper-textarea").send_keys(text)

    def screen(self) -> str:
        """Return what is on the terminal's screen."""
        return str(self.driver.execute_script(SEEN)).replace("\u00a0", " ")

    def ask(self, command: str) -> str:
        """Run a command in the terminal, and return the line that it printed."""
        # A word that is on no screen yet: also another browser's are still there.
        mark = f"at-{secrets.token_hex(4)}:"
        self.type(f"clear; echo {mark[:2]}''{mark[2:]}$({command}).\n")
        found = until(lambda: [each for each in self.screen().splitlines() if mark in each])
        return str(found[0]).strip().removeprefix(mark)[:-1]

    def bring_to_order(self) -> None:
        """Do what a student does whose terminal shows nothing sensible: Ctrl-C, and reset.

        Where what was printed has begun a control string, tmux shows nothing of what comes then,
        for five seconds at most, also not what `reset` prints: then once more.
        """

        def again() -> bool:
            mark = secrets.token_hex(4)
            # What the terminal answered to some of it is typed into the shell, which forgets it so.
            self.type(f"{Keys.CONTROL}c{Keys.NULL}")
            self.type(f"reset; echo {mark[:2]}''{mark[2:]}\n")
            with contextlib.suppress(AssertionError):
                return bool(until(lambda: mark in self.screen(), seconds=4))
            return False

        until(again)

    def complaints(self) -> list[str]:
        """Return what the browser says of the page, such as what its policy did not let pass."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked(self) -> set[str]:
        """Return which addresses were asked for."""
        found = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                found.add(message["params"]["request"]["url"])
        return found


@contextlib.contextmanager
def browser(address: str) -> Iterator[Browser]:
    """Start a browser; the certificate is compared elsewhere, as with the card."""
    options = Options()
    options.binary_location = need("chromium", "chromium")
    with tempfile.TemporaryDirectory() as profile:
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--ignore-certificate-errors",
            "--window-size=1400,900",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        driver = webdriver.Chrome(options, Service(need("chromedriver", "chromium-driver")))
        try:
            yield Browser(driver, address)
        finally:
            driver.quit()

"""What somebody in front of a Mozilla program sees and does: looks, clicks and types."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

from tests.lab.thunderbird.marionette import Marionette

ADDRESS = "172.30.181.11"
"""Where the machine is that Thunderbird runs on."""

DEADLINE_SECONDS = 60
BACKSPACE, ENTER = "\ue003", "\ue007"
"""The keys, as WebDriver names them."""

FIND = """
const visible = root => [...root.querySelectorAll("*")].flatMap(element => [
  ...(element.matches(arguments[0]) && element.checkVisibility() ? [element] : []),
  ...(element.shadowRoot ? visible(element.shadowRoot) : []),
  ...(element.contentDocument ? visible(element.contentDocument) : [])]);
const [found] = visible(document);
if (!found) return null;
"""
"""Find the first visible element of a selector, in shadow trees and inner documents too."""

CENTRE = """
const box = found.getBoundingClientRect(), view = found.ownerDocument.defaultView;
return [box.x + box.width / 2 + view.mozInnerScreenX - window.mozInnerScreenX,
        box.y + box.height / 2 + view.mozInnerScreenY - window.mozInnerScreenY].map(Math.round);
"""
TEXT = """
const text = (found.contentDocument?.body ?? found).textContent.replace(/\\s+/g, " ").trim();
return text || null;
"""


class Screen:
    """The current window of a program; every look waits until there is something to see."""

    def __init__(self, marionette: Marionette, pictures: Path) -> None:
        self.marionette = marionette
        self.pictures = pictures

    def wait(self, script: str, *arguments: Any) -> Any:
        """Run a script until it returns something else than null and false."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (seen := self.marionette.run(script, *arguments)) in (None, False):
            if time.monotonic() > deadline:
                self.picture("missing")
                raise AssertionError(f"there was no {arguments or script}: see missing.png")
            time.sleep(0.1)
        return seen

    def see(self, selector: str) -> None:
        """Wait until an element is there."""
        self.wait(f"{FIND} return true;", selector)

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return self.wait(FIND + TEXT, selector)

    def click(self, selector: str) -> None:
        """Click on the middle of an element with the mouse."""
        x, y = self.wait(FIND + CENTRE, selector)
        steps = [{"type": "pointerMove", "x": x, "y": y}]
        steps += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act({"type": "pointer", "id": "mouse", "actions": steps})

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        steps = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": steps})

    def _act(self, source: dict[str, Any]) -> None:
        self.marionette.command("WebDriver:PerformActions", actions=[source])

    def window(self, name: str) -> None:
        """Go to the window whose document has this name."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            for handle in self.marionette.command("WebDriver:GetWindowHandles"):
                self.marionette.command("WebDriver:SwitchToWindow", handle=handle)
                if self.marionette.run("return document.location.href").endswith(f"/{name}"):
                    return
            time.sleep(0.1)
        raise AssertionError(f"there was no window {name}")

    def picture(self, name: str) -> None:
        """Take a picture of the window, as a PNG among the reports."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        taken = self.marionette.command("WebDriver:TakeScreenshot", full=True)
        (self.pictures / f"{name}.png").write_bytes(base64.b64decode(taken))

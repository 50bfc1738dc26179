# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a scene as a sequence diagram of Mermaid, which GitLab and GitHub show in a page."""

from __future__ import annotations

import re

from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import SIGNS, Scene
from ansible_collections.labs.mail.plugins.module_utils._text import one_line


def mermaid(scene: Scene) -> str:
    """Return the diagram."""
    names = {name: f"lane{number}" for number, name in enumerate(scene.lanes)}
    found = ["sequenceDiagram"]
    found += [f"    participant {each} as {_said(name)}" for name, each in names.items()]
    arrow = "-->>" if scene.would else "->>"
    for event in scene.events:
        text = f"{SIGNS[event.state]} {_said(event.text)}"
        if event.to and event.to != event.lane:
            found.append(f"    {names[event.lane]}{arrow}{names[event.to]}: {text}")
        else:
            found.append(f"    Note over {names[event.lane]}: {text}")
    return "\n".join(found) + "\n"


def _said(text: str) -> str:
    """Return a text with the numbers of those characters that Mermaid would take for its own."""
    return re.sub(r"[^\w .,/@=()\[\]*+'→…-]", lambda found: f"#{ord(found[0])};", one_line(text))

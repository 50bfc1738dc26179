# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mistakes of an exercise with their steps, and the signatures that tests recorded of them.

``exercises/signatures/<exercise>.json`` is written by the tests of the exercises, never by hand:
the signs of each mistake by its key, and once those that all show, which tell nothing apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._hints.matching import Signs
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import (
    Exercise,
    Variant,
    Way,
)


def signatures_file(name: str, folder: Path) -> Path:
    """Return the path of an exercise's signatures."""
    return folder / "signatures" / f"{name}.json"


def signatures_of(name: str, folder: Path) -> dict[str, Signs]:
    """Return the signatures of an exercise's mistakes by their keys; none where none are recorded.

    :raises ConfigError: the file is damaged.
    """
    path = signatures_file(name, folder)
    if not path.exists():
        return {}
    try:
        found: dict[str, Signs] = json.loads(path.read_text(encoding="utf-8"))["mistakes"]
    except (ValueError, KeyError) as error:
        raise ConfigError(
            f"it has no mistakes in JSON ({error})",
            str(path),
            instead="have the tests record it again",
        ) from None
    return found


def key_of(mistake: Variant | Way) -> str:
    """Return the key of a mistake's signature: a fault and a way may have the same name."""
    return f"{'faults' if isinstance(mistake, Variant) else 'by_hand'}.{mistake.name}"


def mistakes_of(exercise: Exercise, signatures: Mapping[str, Signs]) -> list[dict[str, Any]]:
    """Return the mistakes that have steps and signatures, as the command ``lab`` takes them.

    Those that are declared alike are one mistake.
    """
    found = []
    for each in exercise.mistakes:
        if not each.steps:
            continue
        alike = [each, *(other for other in exercise.mistakes if other.alike == each.name)]
        own = [signatures[key] for key in map(key_of, alike) if key in signatures]
        if own:
            found.append({"name": each.name, "steps": each.steps, "signatures": own})
    return found

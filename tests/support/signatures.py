"""Signatures of the mistakes of exercises: written down when tests make the mistakes."""

import json
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._hints.matching import LOOSE, Signs, common
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import FOLDER
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.mistakes import signatures_file


def record(exercise: str, key: str, seen: list[Signs], folder: Path = FOLDER) -> None:
    """Write what machines showed under a mistake into the file of the exercise."""
    path = signatures_file(exercise, folder)
    kept = json.loads(path.read_text()) if path.exists() else {"common": {}, "mistakes": {}}
    shared = kept["common"]
    whole = {name: _joined(signs, shared) for name, signs in kept["mistakes"].items()}
    whole[key] = common(seen)
    everywhere = {
        group: sorted(set.intersection(*(set(signs.get(group, ())) for signs in whole.values())))
        for group in LOOSE
    }
    mistakes = {name: _without(signs, everywhere) for name, signs in sorted(whole.items())}
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"common": everywhere, "mistakes": mistakes}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n")


def _joined(signs: Signs, shared: Signs) -> dict[str, list[str]]:
    return {group: sorted({*each, *shared.get(group, ())}) for group, each in signs.items()}


def _without(signs: Mapping[str, list[str]], everywhere: Signs) -> dict[str, list[str]]:
    return {
        group: [sign for sign in each if sign not in everywhere.get(group, ())]
        for group, each in signs.items()
    }

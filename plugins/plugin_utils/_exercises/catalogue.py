# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of exercises, as it stands in files of YAML, one for each."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.model import (
    Exercise,
    chosen,
    complete,
    read_exercise,
    state_of,
    universe_of,
    way_to,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.variables import (
    known_variables,
    refuse_unknown,
)

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML has it, which takes a tenth of the time."""

FOLDER = Path(__file__).resolve().parents[3] / "exercises"


@functools.cache
def catalogue(folder: Path = FOLDER) -> dict[str, Exercise]:
    """Return the exercises of a directory by their names. Raises ConfigError with file and line."""
    found = {path.stem: read_file(path) for path in sorted(folder.glob("*.yml"))}
    for check in (_after_is_known, way_to):
        for name in found:
            try:
                check(name, found)
            except ConfigError as error:
                path = folder / f"{name}.yml"
                line = _read(path)[1].get("after")
                found_after = f"after: {error.found}"
                raise ConfigError(found_after, str(path), line, instead=error.instead) from None
    return found


def _after_is_known(name: str, found: dict[str, Exercise]) -> None:
    if found[name].after:
        chosen(found[name].after, list(found), "exercise")


def read_file(path: Path) -> Exercise:
    """Return the exercise of a file. Raises ConfigError with the file, the line and the key."""
    data, lines = _read(path)
    try:
        exercise = read_exercise(path.stem, data)
        refuse_unknown(exercise, known_variables())
        return exercise
    except ConfigError as error:
        key = error.path or ""
        place = key
        while place not in lines:
            place = place.rpartition(".")[0]
        found = f"{key}: {error.found}" if key else error.found
        raise ConfigError(found, str(path), lines[place], instead=error.instead) from None


def _read(path: Path) -> tuple[Any, dict[str, int]]:
    """Return what a file of YAML says, and the line of each key by its place."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=LOADER)
        lines = dict(_lines(node, "")) if node else {"": 1}
        return yaml.load(text, Loader=LOADER), lines
    except (UnicodeDecodeError, yaml.reader.ReaderError) as error:
        raise ConfigError(f"{error.reason}", str(path), instead="write UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise ConfigError(str(error.problem), str(path), line) from None
    except RecursionError:
        raise ConfigError(
            "what & names has * of itself within it, or too much is nested",
            str(path),
            instead="write it out",
        ) from None
    except _TwiceError as error:
        raise ConfigError(
            f"{error.key} is there twice", str(path), error.line, instead="keep one"
        ) from None


class _TwiceError(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


def _lines(node: yaml.Node, place: str) -> Iterator[tuple[str, int]]:
    """Yield the line of each key, counted from 1, by a place like checks.2.title."""
    yield place, node.start_mark.line + 1
    inner: list[tuple[Any, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        inner = [(str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inner = [(number, value, value) for number, value in enumerate(node.value)]
    seen = set()
    for name, start, value in inner:
        line = start.start_mark.line + 1
        if name in seen:
            raise _TwiceError(str(name), line)
        seen.add(name)
        its_place = f"{place}.{name}" if place else str(name)
        yield from _lines(value, its_place)
        yield its_place, line


def state_in_files(name: str, stage: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return the variables of an exercise's stage. Raises ConfigError."""
    exercises = catalogue(folder)
    return complete(state_of(name, stage, exercises), universe_of(exercises))

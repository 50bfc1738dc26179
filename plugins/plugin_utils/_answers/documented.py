# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a machine's answer by what its module documents that it returns, and believe nothing else.

Whoever is root on a machine answers in its module's place. What he says stays data of his machine:
keys that are not documented, ``ansible_facts`` first among them, go; types are as documented; text
is clean; and all of it has a size that the controller can bear.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._text import clean, cut

MODULES = Path(__file__).resolve().parents[2] / "modules"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MOST_OF_A_TEXT = 2_000_000
MOST_OF_A_NAME = 1_000
MOST_CHARACTERS = 20_000_000
MOST_VALUES = 500_000
DEEPEST = 30

TEXT = {"type": "str"}
COMMON: dict[str, Any] = {
    "changed": {"type": "bool"},
    "failed": {"type": "bool"},
    "msg": TEXT,
    "rc": {"type": "int"},
    "stdout": TEXT,
    "stderr": TEXT,
    "module_stdout": TEXT,
    "module_stderr": TEXT,
    # Where a ConfigError was found, and what to do about it: module_utils/_ansible_io/failure.py.
    "path": TEXT,
    "line": {"type": "int"},
    "column": {"type": "int"},
    "instead": TEXT,
    "diff": {"type": "raw"},
}
"""What any module of the collection may return beside what it documents."""


class AnswerError(Exception):
    """A machine's answer is none that its module gives; the text says what is wrong with it."""


def returns_of(module: str) -> dict[str, Any]:
    """Return what a module of the collection documents that it returns."""
    for node in ast.parse((MODULES / f"{module}.py").read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "RETURN":
            return yaml.load(ast.literal_eval(node.value), Loader=LOADER) or {}
    return {}


def read(answer: Any, returns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is documented of an answer. Raises AnswerError."""
    if not isinstance(answer, Mapping):
        raise AnswerError(f"{_kind(answer)} in place of a mapping")
    reader = _Reader()
    believed = reader.mapping(answer, {**COMMON, **returns}, "")
    for name in ("changed", "failed"):
        believed[name] = bool(believed.get(name))
    warnings = answer.get("warnings")
    if isinstance(warnings, (list, tuple)):
        believed["warnings"] = [cut(clean(_words_of(each)), 1_000) for each in warnings[:20]]
    if believed["failed"] and not believed.get("msg"):
        believed["msg"] = "the module failed, and the machine does not say why"
    return believed


def part(value: Any, returns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is documented of a mapping within an answer. Raises AnswerError."""
    if not isinstance(value, Mapping):
        raise AnswerError(f"{_kind(value)} in place of a mapping")
    return _Reader().mapping(value, returns, "")


def _words_of(warning: Any) -> str:
    """Return a warning's text, which newer releases of ansible-core wrap."""
    return str(getattr(getattr(warning, "event", None), "msg", warning))


def _kind(value: Any) -> str:
    """Return the type of a value as whoever writes modules calls it."""
    names = {str: "str", bool: "bool", int: "int", float: "float"}
    for kind, name in names.items():
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return name
    if isinstance(value, Mapping):
        return "dict"
    return "list" if isinstance(value, (list, tuple)) else type(value).__name__


class _Reader:
    """Reads the values of one answer, whose sizes add up."""

    def __init__(self) -> None:
        self.characters = 0
        self.values = 0

    def value(self, value: Any, spec: Mapping[str, Any], place: str, depth: int = 0) -> Any:
        """Return a value as its documentation has it."""
        self.values += 1
        if self.values > MOST_VALUES:
            raise AnswerError(f"more than {MOST_VALUES} values")
        if depth > DEEPEST:
            raise AnswerError(f"{place[:100]}: nested more than {DEEPEST} deep")
        if value is None:
            return None
        read = self._readers[str(spec.get("type", "str"))]
        return read(self, value, spec, place, depth)

    def mapping(
        self, value: Any, specs: Mapping[str, Any], place: str, depth: int = 0
    ) -> dict[str, Any]:
        """Return the documented keys of a mapping."""
        return {
            name: self.value(value[name], spec, f"{place}.{name}" if place else name, depth + 1)
            for name, spec in specs.items()
            if name in value
        }

    def _text(self, value: Any, _spec: Any, place: str, _depth: int) -> str:
        if not isinstance(value, str):
            raise AnswerError(f"{place}: {_kind(value)} in place of str")
        self.characters += len(value)
        if self.characters > MOST_CHARACTERS:
            raise AnswerError(f"more than {MOST_CHARACTERS} characters")
        return clean(cut(str(value), MOST_OF_A_TEXT))

    def _bool(self, value: Any, _spec: Any, place: str, _depth: int) -> bool:
        if not isinstance(value, bool):
            raise AnswerError(f"{place}: {_kind(value)} in place of bool")
        return bool(value)

    def _int(self, value: Any, _spec: Any, place: str, _depth: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
            raise AnswerError(f"{place}: {_kind(value)} in place of int")
        return int(value)

    def _float(self, value: Any, _spec: Any, place: str, _depth: int) -> float:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or abs(value) >= 1e18:
            raise AnswerError(f"{place}: {_kind(value)} in place of a finite float")
        return float(value)

    def _list(self, value: Any, spec: Any, place: str, depth: int) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise AnswerError(f"{place}: {_kind(value)} in place of list")
        item = {"type": spec.get("elements", "raw"), "contains": spec.get("contains")}
        return [
            self.value(each, item, f"{place}.{number}", depth + 1)
            for number, each in enumerate(value)
        ]

    def _dict(self, value: Any, spec: Any, place: str, depth: int) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise AnswerError(f"{place}: {_kind(value)} in place of dict")
        if spec.get("contains"):
            return self.mapping(value, spec["contains"], place, depth)
        return {
            self._name(name): self.value(each, {"type": "raw"}, f"{place}.{number}", depth + 1)
            for number, (name, each) in enumerate(value.items())
        }

    def _name(self, name: Any) -> str:
        self.characters += len(str(name))
        return clean(cut(str(name), MOST_OF_A_NAME))

    def _raw(self, value: Any, _spec: Any, place: str, depth: int) -> Any:
        kind = _kind(value)
        if kind not in ("str", "bool", "int", "float", "list", "dict"):
            raise AnswerError(f"{place}: {kind} in an answer")
        return self._readers[kind](self, value, {}, place, depth)

    _readers: dict[str, Callable[..., Any]] = {
        "str": _text,
        "path": _text,
        "bool": _bool,
        "int": _int,
        "float": _float,
        "list": _list,
        "dict": _dict,
        "complex": _dict,
        "raw": _raw,
    }

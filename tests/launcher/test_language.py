"""French and English are both whole, and say the same with the same words in their places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from launcher import language
from launcher.command import parser
from launcher.french import FRENCH, NARROW
from launcher.settings import ROOT

PLACE = re.compile(r"\{[a-z_]+(?::[^}]*)?\}")


def said():
    """Every text that the launcher says, as it stands in the code."""
    for path in (ROOT / "launcher").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            says = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tr", "say")
            if says and isinstance(node.args[0], ast.Constant):
                yield Path(path).name, node.args[0].value


@pytest.mark.parametrize(("place", "text"), sorted(set(said())))
def test_every_text_is_there_in_french(place, text):
    assert text in FRENCH


@pytest.mark.parametrize("text", FRENCH)
def test_both_have_the_same_words_in_them(text):
    assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(FRENCH[text]))


def test_signs_stand_as_in_french():
    for text in FRENCH.values():
        assert not re.search(r" [:;?!»]|« ", text), text
    assert FRENCH["refused: {reason}"] == f"refusé{NARROW}: {{reason}}"


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "fr_BE"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C", "LANGUAGE": "fr:en"}, "fr"),
    ],
)
def test_the_locale_says_which(monkeypatch, variables, wanted):
    for name in ("LAB_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.language() == wanted


ENGLISH = re.compile(r"\b(the|this|with|usage|show|bring|machines? to)\b")


def test_the_help_is_french_throughout(monkeypatch):
    monkeypatch.setenv("LAB_LANGUAGE", "fr")
    texts = [parser().format_help()]
    verbs = next(action for action in parser()._actions if action.dest == "verb")
    texts += [each.format_help() for each in verbs.choices.values()]
    for text in texts:
        assert f"usage{NARROW}:" in text
        assert not ENGLISH.search(text.replace(f"usage{NARROW}:", "")), text

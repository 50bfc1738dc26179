"""Text of a stranger is harmless wherever it is shown, and all that can be read of it stays."""

import csv
import io
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._text import (
    SIGN,
    clean,
    clean_but_colours,
    cut,
    one_line,
    spreadsheet_cell,
)

SAME = [
    "",
    "250 2.0.0 Ok: queued as 4F1B2",
    "Il est allé chez « tech »\u00a0: déposé à 9\u202fh",
    "two\nlines\tand a tab",
    "日本語 émojis 🎉",
]

HARMFUL = [
    ("\x1b[2J", f"{SIGN}[2J"),
    ("\x1b]0;PWNED\x07", f"{SIGN}]0;PWNED{SIGN}"),
    ("\x9b2J", f"{SIGN}2J"),
    ("over\rwritten", f"over{SIGN}written"),
    ("windows\r\n", "windows\n"),
    ("nul\0", f"nul{SIGN}"),
    ("txt\u202egpj", f"txt{SIGN}gpj"),
    ("zero\u200bwidth", f"zero{SIGN}width"),
    ("line\u2028break", f"line{SIGN}break"),
    ("lone \udcff", f"lone {SIGN}"),
    ("not for XML \ufffe", f"not for XML {SIGN}"),
]


@pytest.mark.parametrize("text", SAME)
def test_what_can_be_read_stays(text):
    assert clean(text) == text


@pytest.mark.parametrize(("text", "harmless"), HARMFUL)
def test_what_commands_a_terminal_has_a_sign_in_its_place(text, harmless):
    assert clean(text) == harmless


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_harmless_in_xml_and_cleaning_it_again_changes_nothing(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(ord(each) < 32 and each not in "\n\t" for each in cleaned)
    element = ElementTree.Element("seen", message=cleaned)
    assert ElementTree.fromstring(ElementTree.tostring(element)).tag == "seen"


def test_a_long_line_keeps_its_end_and_a_long_text_its_beginning():
    assert one_line("a\nb  c\x1b", 4) == f"…b c{SIGN}"
    assert one_line("short") == "short"
    assert cut("abcdef", 3) == "abc…"
    assert cut("abc", 3) == "abc"


FORMULAS = ["=1+1", '=HYPERLINK("http://evil","x")', "+1", "-1", "@SUM(1)", "\t=1", " =1", "＝1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_computes_nothing(formula):
    cell = spreadsheet_cell(formula)
    assert cell.startswith("'")
    text = io.StringIO()
    csv.writer(text).writerow([cell])
    assert not text.getvalue().lstrip('"').startswith(("=", "+", "-", "@"))


def test_a_spreadsheet_shows_the_rest_as_it_is():
    assert spreadsheet_cell("passed") == "passed"
    assert spreadsheet_cell("a=b\nc") == "a=b c"


def test_colours_stay_and_other_commands_do_not():
    assert clean_but_colours("\x1b[1;31mred\x1b[0m\x1b[2J") == f"\x1b[1;31mred\x1b[0m{SIGN}[2J"

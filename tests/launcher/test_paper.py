"""Handouts and cards: what stands on them is what the exercises and the lab say, as plain text."""

import io
import re
import subprocess
import time

import pytest
import yaml
from pypdf import PdfReader

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.keys import fingerprint
from launcher.language import LANGUAGES
from launcher.paper.cards import WayIn, card, cards_of
from launcher.paper.handouts import handout
from launcher.paper.typesetting import DIRECTORY, blocks, pdf

HOSTILE = "#strong[x] $x$ *x* \\u{0} = x @x <x> `x` // x \x1b[2J \u202e \x00 ]"

FINGERPRINT = "SHA256:" + "a" * 43


def text_of(content):
    """What can be read on the sheets, without the breaks of lines."""
    reader = PdfReader(io.BytesIO(content))
    text = "".join(page.extract_text() for page in reader.pages)
    return re.sub(r"\s+", "", text), len(reader.pages)


def bare(text):
    return re.sub(r"[\s`]+", "", text)


def student(number, name=""):
    passwords = {"tech": f"tech-word-{number}", "prof": f"prof-word-{number}"}
    return card(f"student{number}", name, f"172.30.1.{number}", passwords, FINGERPRINT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", catalogue())
def test_a_handout_has_the_assignment_and_the_checks(name, language):
    exercise = catalogue()[name]
    text, pages = text_of(pdf("handout", handout(exercise, language, False)))
    assert pages <= 3
    for block in blocks(exercise.assignment[language], "en"):
        pieces = block.get("texts") or [[{"text": block["commands"]}]]
        for pieces_of_line in pieces:
            assert bare("".join(piece["text"] for piece in pieces_of_line)) in text
    for check in exercise.checks:
        assert bare(check["title"][language]) in text
    for way in exercise.by_hand:
        assert bare(way.commands)[:60] not in text, "a solution on a student's sheet"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_teachers_copy_has_what_is_typed_and_the_mistakes(language):
    exercise = catalogue()["blacklist"]
    text, _pages = text_of(pdf("handout", handout(exercise, language, True)))
    for way in exercise.by_hand:
        wanted = way.title[language] if way.caught_by else exercise.typed(way.name)
        assert bare(wanted) in text
    for fault in exercise.faults:
        assert bare(fault.title[language]) in text
    for hint in exercise.hints:
        assert bare(hint[language]) in text


def test_sheets_are_accessible_and_the_same_each_time():
    data = handout(catalogue()["blacklist"], "fr", False)
    content = pdf("handout", data)
    time.sleep(1.1)  # a clock that got into the file would show
    assert pdf("handout", data) == content
    reader = PdfReader(io.BytesIO(content))
    assert reader.metadata.title == catalogue()["blacklist"].title["fr"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in reader.root_object["/Metadata"].get_data()
    assert reader.root_object["/Lang"] == "fr"


def test_a_card_has_what_its_student_needs():
    content = pdf("cards", cards_of([student(number, "Zoé") for number in range(1, 31)], "fr"))
    text, pages = text_of(content)
    assert pages <= 4
    for number in range(1, 31):
        assert f"student{number},172.30.1.{number}" in text
        assert f"tech-word-{number}" in text
    assert text.count("Zoé") == 30
    assert text.count(FINGERPRINT) == 30


def test_cards_of_a_class_say_how_to_come_in_and_by_which_words():
    other = "SHA256:" + "b" * 43
    found = [
        card(
            f"student{number}",
            "Zoé",
            "172.30.1.1",
            {"tech": "x"},
            FINGERPRINT,
            WayIn("192.0.2.2", 2222, f"lusab-babad-g{number}", other),
        )
        for number in range(1, 31)
    ]
    text, pages = text_of(pdf("cards", cards_of(found, "fr")))
    assert pages <= 4
    for number in range(1, 31):
        assert f"ssh-p2222student{number}@192.0.2.2" in text
        assert f"lusab-babad-g{number}" in text
    assert text.count(other) == 30
    assert FINGERPRINT not in text
    assert found[0]["link"] == "ssh://student1@192.0.2.2:2222"


@pytest.mark.parametrize("name", [HOSTILE, "x" * 5000, "", "=HYPERLINK(1)"])
def test_a_name_is_text_whatever_stands_in_it(name):
    text, pages = text_of(pdf("cards", cards_of([student(1, name)], "en")))
    assert pages == 1
    assert "tech-word-1" in text
    if name == HOSTILE:
        assert "#strong[x]$x$*x*" in text
        assert "\x1b" not in text


def test_a_fingerprint_is_the_one_that_ssh_shows(tmp_path):
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIK1qHyhVZ1GaVTuZEGXKR3iYrzN0kRNVhSEuBEU+q9Pd"
    path = tmp_path / "key.pub"
    path.write_text(f"ssh-ed25519 {key} labs.mail\n")
    shown = subprocess.check_output(["ssh-keygen", "-l", "-f", str(path)], text=True)
    assert fingerprint(path) == shown.split()[1]


def test_both_languages_have_the_same_words():
    words = yaml.safe_load((DIRECTORY / "words.yml").read_text())
    assert words["fr"].keys() == words["en"].keys()
    templates = "".join(path.read_text() for path in DIRECTORY.glob("*.typ"))
    used = set(re.findall(r"words\.([a-z_-]+)", templates))
    assert used <= words["en"].keys()

"""The French of all texts: spelling by hunspell, and the spaces and quotes of French typography.

words.txt has the terms that are no French words; tell there what is one.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.french.texts import Text, every_text, of_data, of_markdown, of_program
from tests.support.debian_packages import need

TERMS = Path(__file__).with_name("words.txt")

TYPOGRAPHY = re.compile(
    r"(?<=[^\W\d_])[;!?](?=\s|$)"  # no space before it
    r"|(?<=[^\W\d_]):(?=\s)"
    r'|"\w|\u201c'  # quotes that are not French
    r"|«(?=\S)|(?<=\S)»",
)

QUOTE = re.compile(r"«[^«»]*»")
"""What may be in English: a server's own words."""

ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'", re.IGNORECASE)


def terms() -> list[str]:
    return TERMS.read_text(encoding="utf-8").split()


def unknown(texts: Iterable[Text], known: list[str]) -> list[str]:
    """The words that are misspelt, each with its first place."""
    prose = {text: text.prose.replace("\u2019", "'") for text in texts}
    strangers = set(
        misspelt("en_US", (quote for each in prose.values() for quote in QUOTE.findall(each)))
    )

    def without_english(quote: re.Match[str]) -> str:
        english = not strangers & set(re.findall(r"[\w']+", quote[0]))
        return re.sub(r"\S", " ", quote[0]) if english else quote[0]

    prose = {text: QUOTE.sub(without_english, each) for text, each in prose.items()}
    bare = {ELISION.sub("", word.strip("'.-")) for word in misspelt("fr", prose.values())}
    return [f"{place(word, prose)}: {word}" for word in sorted(bare - set(known) - {""})]


def misspelt(language: str, lines: Iterable[str]) -> list[str]:
    """The words that hunspell's dictionary of a language lacks."""
    program = need("hunspell", "hunspell", "hunspell-fr", "hunspell-en-us")
    command = [program, "-d", language, "-i", "utf-8", "-l"]
    text = "\n".join(lines)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout.split()


def place(word: str, prose: dict[Text, str]) -> str:
    for text, each in prose.items():
        if found := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", each):
            return text.place(found.start())
    return "?"


def slips(texts: Iterable[Text]) -> list[str]:
    """Punctuation that is not as in French, each with its place."""
    return [
        f"{text.place(found.start())}: {text.prose[max(0, found.start() - 20) : found.end() + 5]!r}"
        for text in texts
        for found in TYPOGRAPHY.finditer(text.prose)
    ]


def test_no_word_is_misspelt():
    found = unknown(every_text(), terms())
    assert not found, "\n".join(["Correct them, or add terms to words.txt:", *found])


def test_punctuation_is_french():
    found = slips(every_text())
    assert not found, "\n".join(["Write « » and a space before : ; ! ?", *found])


def test_the_terms_are_sorted():
    assert terms() == sorted(set(terms()))


def texts_of(tmp_path: Path, name: str, content: str) -> list[Text]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    reader = {".md": of_markdown, ".yml": of_data, ".py": of_program}[path.suffix]
    return list(reader(path))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.md", "Un\nmesage.\n", 2),
        ("a.md", "Ici « un mesage » et « a message ».", 1),
        ("a.md", "```\nmesage\n```\n\n    mesage\n\nUn mesage et `mesage`.\n", 7),
        ("a.yml", "title: {fr: Un mesage, en: mesage}\n", 1),
        ("a.yml", "a:\n  - fr: |\n      Un\n      mesage\n    en: x\n", 4),
        ("a.yml", "fr: |\n  Un\n\n      mesage\n\n  mesage\n", 6),
        ("a.py", 'A = {\n    "fr": {"a": "Un mesage {mesage}"},\n    "en": "mesage",\n}\n', 2),
        ("a.py", 'A = {"fr": f"Un {1} mesage"}\n', 1),
        ("a.py", '_FRENCH = {\n    "a": "Un mesage"}\n', 2),
        ("a.py", 'both("a mesage",\n     "un mesage")\n', 2),
    ],
)
def test_a_misspelt_word_is_found_where_it_is(tmp_path, name, content, line):
    assert unknown(texts_of(tmp_path, name, content), []) == [f"{name}:{line}: mesage"]


@pytest.mark.parametrize(
    "text",
    [
        "Le message est dans /var/mail/tech, pour prof@student1.test.",
        "mydestination=$myhostname et smtpd_client_restrictions, de 127.0.0.1:2525",
        "« locked by another process » dans le journal",
        'la commande, avec -q "mesage" regexp:/etc/postfix/access',
        "l'adresse qu'un SMTP n'a pas, l'en-tête From: et <votre domaine>",
    ],
)
def test_code_in_a_text_is_no_misspelt_word(tmp_path, text):
    assert not unknown(texts_of(tmp_path, "a.md", text), [])
    assert not slips(texts_of(tmp_path, "a.md", text))


@pytest.mark.parametrize(
    "text",
    ["Oui ; non.", "Qui ?", "« mot »", "l'en-tête From: vide", "voici :\n", "une table hash: ici"],
)
def test_french_punctuation_passes(tmp_path, text):
    assert not slips(texts_of(tmp_path, "a.md", text))


@pytest.mark.parametrize("text", ["Oui; non.", "Qui?", "«mot»", 'le "mot"', "voici: un"])
def test_other_punctuation_is_found(tmp_path, text):
    assert slips(texts_of(tmp_path, "a.md", text))

"""Messages of checks: each bears its word; what an antivirus knows is in none of our files."""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._mail_client import (
    message as _check_message,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.message import (
    CONTENTS,
    EICAR,
    GTUBE,
    message,
)

ROOT = Path(__file__).resolve().parents[5]


def made(given=None, sender="tech", recipients=("prof",)):
    text = message("w0rd-local-", sender, list(recipients), given or {})
    return email.message_from_bytes(text, policy=email.policy.default)


def test_a_message_bears_its_word_in_subject_and_message_id():
    parsed = made({"subject": "bonjour"}, recipients=["prof", "tech@a.test"])
    assert parsed["Subject"] == "bonjour w0rd-local-"
    assert parsed["Message-ID"] == "<w0rd-local-@check.invalid>"
    assert (parsed["From"], parsed["To"]) == ("tech", "prof, tech@a.test")
    assert parsed["Date"].datetime
    assert parsed.get_content()


def test_an_empty_sender_is_none():
    assert made(sender="")["From"] == "<>"


def test_fields_and_body_may_be_given():
    given = {"header": {"From": "a@b", "X-Ours": "{word}!"}, "body": "Été {word}"}
    parsed = made(given)
    assert parsed.get_all("From") == ["a@b"]
    assert parsed["X-Ours"] == "w0rd-local-!"
    assert parsed.get_content() == "Été w0rd-local-\n"


@pytest.mark.parametrize("subject", ["Réunion d'équipe", "long " * 40])
def test_the_word_stands_whole_in_what_is_sent(subject):
    text = message("w0rd-local-", "tech", ["prof"], {"subject": subject})
    assert b"w0rd-local-" in text
    assert email.message_from_bytes(text, policy=email.policy.default)["Subject"].endswith(
        "w0rd-local-"
    )


@pytest.mark.parametrize("content", CONTENTS)
def test_attachments_have_their_names_and_contents(content):
    parsed = made({"attachments": {"one.exe": content, "two é.txt": "text"}})
    files = [(each.get_filename(), each.get_content()) for each in parsed.iter_attachments()]
    assert files == [("one.exe", CONTENTS[content]), ("two é.txt", CONTENTS["text"])]


@pytest.mark.parametrize("content", ["eicar", "gtube"])
def test_a_body_may_be_what_filters_know(content):
    assert CONTENTS[content].decode() in made({"content": content}).get_content()


def test_the_archive_holds_eicar():
    with zipfile.ZipFile(io.BytesIO(CONTENTS["eicar_zip"])) as archive:
        assert archive.read("eicar.com") == EICAR.encode()


def test_the_test_strings_are_those_of_their_makers():
    assert len(EICAR) == len(GTUBE) == 68
    assert EICAR.startswith("X5O!P%@AP[4") and EICAR.endswith("H+H*")
    assert GTUBE.startswith("XJS*C4JDBQADN1") and GTUBE.endswith("C.34X")


def test_no_file_of_ours_is_taken_for_a_virus_or_spam():
    names = ("plugins", "exercises", "roles", "playbooks", "tests/unit", "tests/exercises", "docs")
    files = [path for name in names for path in (ROOT / name).rglob("*") if path.is_file()]
    assert Path(_check_message.__file__).resolve() in files
    for path in files:
        data = path.read_bytes()
        assert EICAR.encode() not in data, path
        assert GTUBE.encode() not in data, path

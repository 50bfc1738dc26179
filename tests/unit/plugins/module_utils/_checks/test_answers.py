"""Answers of students are kept by the questions of checks, and judged by patterns or the log."""

from __future__ import annotations

import json

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import answers
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from tests.support.check_steps import said, take_step

QUESTION = {"fr": "Pourquoi ?", "en": "Why?"}
LOG = """\
2026-03-26T16:11:02 a postfix/smtpd[1]: 4F1AB1: client=world[1.0.0.2]
2026-03-26T16:11:02 a postfix/cleanup[1]: 4F1AB1: message-id=<one@a.test>
2026-03-26T16:11:02 a postfix/qmgr[1]: 4F1AB1: from=<x@a.test>, size=4, nrcpt=1 (queue active)
2026-03-26T16:11:03 a postfix/smtpd[2]: 4F1AB2: client=localhost[127.0.0.1], orig_queue_id=4F1AB1
2026-03-26T16:11:03 a postfix/cleanup[1]: 4F1AB2: message-id=<one@a.test>
2026-03-26T16:11:03 a postfix/qmgr[1]: 4F1AB2: from=<x@a.test>, size=4, nrcpt=1 (queue active)
2026-03-26T16:11:03 a postfix/smtp[1]: 4F1AB1: to=<prof@a.test>, relay=127.0.0.1[127.0.0.1]:2525, \
delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F1AB2)
2026-03-26T16:11:03 a postfix/qmgr[1]: 4F1AB1: removed
2026-03-26T16:11:04 a postfix/local[1]: 4F1AB2: to=<prof@a.test>, relay=local, delay=0.1, \
delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)
2026-03-26T16:11:04 a postfix/qmgr[1]: 4F1AB2: removed
2026-03-26T16:12:02 a postfix/smtpd[1]: 4F1AC9: client=world[1.0.0.2]
2026-03-26T16:12:02 a postfix/cleanup[1]: 4F1AC9: message-id=<two@a.test>
"""


@pytest.fixture
def context(tmp_path):
    (tmp_path / "mail.log").write_text(LOG)
    return CheckContext(
        "w", log=str(tmp_path / "mail.log"), check="why", answers=str(tmp_path / "answers.json")
    )


def step(context, text, **given):
    """Answer, and have that judged."""
    if text is not None:
        answers.keep_answer(answers.Path(context.answers), "why", text)
    return take_step("answer", context, question=QUESTION, **given)


MATCHES = [
    (None, {}, False, "no answer yet: lab answer"),
    ("   ", {}, False, "no answer yet: lab answer"),
    ("because", {}, True, "because"),
    ("Because of XFORWARD", {"matches": "xforward"}, True, "Because of XFORWARD"),
    ("I do not know", {"matches": "xforward"}, False, "I do not know"),
    ("one\ntwo", {"matches": "^one.two$"}, True, "one two"),
]


@pytest.mark.parametrize(("text", "given", "ok", "words"), MATCHES)
def test_an_answer_is_judged_by_a_pattern(context, text, given, ok, words):
    seen = step(context, text, **given)
    assert (seen.ok, said(seen)) == (ok, words)


IDS = [
    ("4F1AB1, 4F1AB2", True, "4F1AB1, 4F1AB2"),
    ("4F1AB2 puis 4F1AB1", True, "4F1AB1, 4F1AB2"),
    ("4F1AB1", False, "1 more are missing"),
    ("4F1AB1 4F1AC9", False, "4F1AC9 is none of the message of 4F1AB1"),
    ("4F1AFF 4F1AB1", False, "the log does not know 4F1AFF"),
    ("aucune idée", False, "no queue id in: aucune idée"),
    ("4F1AC9", False, "this message has only 1 of 2"),
]


@pytest.mark.parametrize(("text", "ok", "words"), IDS)
def test_queue_ids_are_judged_by_the_log(context, text, ok, words):
    seen = step(context, text, queue_ids=2)
    assert (seen.ok, said(seen)) == (ok, words)


def test_without_a_log_queue_ids_cannot_be_checked(context, tmp_path):
    context.log = str(tmp_path / "none")
    with pytest.raises(CouldNotCheckError, match="No such file"):
        step(context, "4F1AB1", queue_ids=2)


def test_a_later_answer_takes_the_place_of_the_earlier_and_of_no_other(tmp_path):
    path = tmp_path / "answers.json"
    for name, text in (("a", "one"), ("b", "two"), ("a", "three" + "x" * 5000)):
        answers.keep_answer(path, name, text)
    kept = answers.read_answers(path)
    assert (kept["a"][:5], len(kept["a"]), kept["b"]) == ("three", 2000, "two")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "\x00"])
def test_a_damaged_file_has_no_answers(tmp_path, text):
    path = tmp_path / "answers.json"
    path.write_text(text)
    assert answers.read_answers(path) == {}
    answers.keep_answer(path, "a", "one")
    assert json.loads(path.read_text()) == {"a": "one"}


def test_queue_ids_of_a_log_that_was_rotated(context, tmp_path):
    (tmp_path / "mail.log").rename(tmp_path / "mail.log.1")
    (tmp_path / "mail.log").write_text("")
    assert step(context, "4F1AB1, 4F1AB2", queue_ids=2).ok


def pattern(name):
    """Return the pattern by which the exercise mail_log judges an answer."""
    (check,) = [each for each in catalogue()["mail_log"].checks if each["name"] == name]
    return check["steps"][0]["answer"]["matches"]


ANSWERS = [
    ("client_gone", "avant", True),
    ("client_gone", "Before", True),
    ("client_gone", "Avant : clamsmtpd n'accepte la connexion qu'après le disconnect", True),
    ("client_gone", "pas après, avant", True),
    ("client_gone", "après", False),
    ("client_gone", "Apres, et non avant", False),
    ("client_gone", "avant ou après", False),
    ("client_gone", "avant, après", False),
    ("client_gone", "before/after", False),
    ("client_gone", "pas avant", False),
    ("real_client", "XFORWARD", True),
    ("real_client", "XFORWARD, et non XCLIENT", True),
    ("real_client", "pas XCLIENT mais XFORWARD", True),
    ("real_client", "XCLIENT", False),
    ("real_client", "XFORWARD ou XCLIENT", False),
    ("real_client", "XFORWARD, XCLIENT", False),
    ("came_back", "pickup 113", True),
    ("came_back", "uid=113: pickup", True),
    ("came_back", "pickup (dépôt local par sendmail), uid 113", True),
    ("came_back", "pickup, puis cleanup ; uid 113", True),
    ("came_back", "pickup", False),
    ("came_back", "cleanup, puis pickup, 113", False),
    ("came_back", "pickup, cleanup, qmgr, 113", False),
]


@pytest.mark.parametrize(("name", "text", "ok"), ANSWERS)
def test_answers_in_the_words_of_students(context, name, text, ok):
    assert step(context, text, matches=pattern(name)).ok == ok

"""When checks are done, nothing of theirs is left in mailboxes and queues, nor in the world."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import cleanup, machine, runner
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)

WORD = "0123456789abcdef"
FROM = "From tech Thu Mar 26 16:11:00 2026\n"
LOG = f"""\
2026-03-26T16:11:02 a postfix/smtpd[1]: 4F1AB1: client=world[10.0.0.2]
2026-03-26T16:11:02 a postfix/cleanup[1]: 4F1AB1: message-id=<{WORD}-hold-@check.invalid>
2026-03-26T16:11:02 a postfix/cleanup[1]: 4F1AB1: hold: header Subject: x from w[1.2.3.4]; x
2026-03-26T16:11:02 a postfix/smtpd[1]: 4F1AB2: client=world[10.0.0.2]
2026-03-26T16:11:02 a postfix/cleanup[1]: 4F1AB2: message-id=<somebody@else.test>
2026-03-26T16:11:02 a postfix/cleanup[1]: 4F1AB2: hold: header Subject: x from w[1.2.3.4]; x
"""
QUEUE = [{"queue_name": "hold", "queue_id": name} for name in ("4F1AB1", "4F1AB2", "4F1AB3")]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine with mail for two accounts, a queue, and a log; what was run is in ``runs``."""
    spool, home = tmp_path / "mail", tmp_path / "home"
    (home / "Maildir" / "new").mkdir(parents=True)
    spool.mkdir()
    own = f"{FROM}Subject: essai {WORD}-local-\n\nx\n\n"
    other = f"{FROM}Subject: bonjour\n\nx\n\n"
    (spool / "prof").write_text(other + own)
    (tmp_path / "etab").write_text(own)
    (home / "Maildir" / "new" / "1").write_text(own)
    (home / "Maildir" / "new" / "2").write_text(other)
    (tmp_path / "mail.log").write_text(LOG)
    runs = []

    def run(argv, _text=""):
        runs.append(argv)
        printed = "".join(json.dumps(each) + "\n" for each in QUEUE)
        return SimpleNamespace(returncode=0, stdout=printed, stderr="")

    monkeypatch.setattr(cleanup, "SPOOL", spool)
    monkeypatch.setattr(cleanup, "run", run)
    monkeypatch.setattr(machine, "run", run)
    account = SimpleNamespace(pw_dir=str(home))
    monkeypatch.setattr(cleanup.pwd, "getpwall", lambda: [account, SimpleNamespace(pw_dir="/")])
    return SimpleNamespace(path=tmp_path, other=other, runs=runs)


def checks(place):
    steps = [{"arrived": {"path": str(place.path / "etab")}}]
    return [{"name": "a", "title": {"fr": "", "en": ""}, "needs": [], "steps": steps}]


def test_own_messages_go_and_others_stay(place):
    context = CheckContext(WORD, log=str(place.path / "mail.log"))
    cleanup.remove_messages(checks(place), context)
    assert (place.path / "mail" / "prof").read_text() == place.other
    assert (place.path / "etab").read_text() == ""
    assert [file.name for file in (place.path / "home").glob("Maildir/*/*")] == ["2"]
    assert [run for run in place.runs if run[0] == "postsuper"] == [["postsuper", "-d", "4F1AB1"]]


def test_the_world_is_told_where_there_is_one(place, monkeypatch):
    asked = []
    monkeypatch.setattr(
        cleanup, "ask", lambda context, what, _given: asked.append((what, context.word))
    )
    log = str(place.path / "mail.log")
    cleanup.remove_messages([], CheckContext(WORD, log=log))
    assert asked == []
    cleanup.remove_messages([], CheckContext(WORD, ("world", 1), log=log))
    assert asked == [("forget", WORD)]


def test_what_cannot_be_removed_says_nothing_about_the_exercise(place, monkeypatch):
    def refuse(*_words):
        raise CouldNotCheckError("gone")

    monkeypatch.setattr(cleanup, "ask", refuse)
    (place.path / "mail" / "tech").symlink_to("/etc/passwd")
    (place.path / "mail" / "loop").symlink_to("loop")
    context = CheckContext(WORD, ("world", 1), log=str(place.path / "none"))
    cleanup.remove_messages(checks(place), context)
    assert (place.path / "mail" / "prof").read_text() == place.other


@pytest.mark.parametrize("ends", ["at the end", "in the middle", "by an error"])
def test_messages_are_removed_however_the_checks_end(monkeypatch, ends):
    removed = []

    def run_checks(_checks, _context):
        yield "one"
        if ends == "by an error":
            raise KeyError
        yield "two"

    monkeypatch.setattr(runner, "run_checks", run_checks)
    monkeypatch.setattr(
        runner, "remove_messages", lambda _checks, context: removed.append(context.word)
    )
    results = runner.check_machine([], CheckContext(WORD))
    assert next(results) == "one"
    assert removed == []
    if ends == "in the middle":
        results.close()
    else:
        with pytest.raises(KeyError) if ends == "by an error" else pytest.raises(StopIteration):
            while True:
                next(results)
    assert removed == [WORD]

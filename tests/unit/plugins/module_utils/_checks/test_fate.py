"""What became of a check's messages is told from the log, and waited for while it may come."""

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import fate
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import NARROW

WORD = "0123456789abcdef-local-"


def line(program, text, second=2):
    return f"2026-03-26T16:11:{second:02}.000000+01:00 mail postfix/{program}[42]: {text}\n"


HEADER = "header Subject: x from w[1.0.0.2]; from=<a@b> to=<prof> proto=SMTP helo=<pv>"


def begun(queue_id="4F1AB2", message_id=f"{WORD}@check.invalid", nrcpt=1):
    return (
        line("smtpd", f"{queue_id}: client=world[10.0.0.2]")
        + line("cleanup", f"{queue_id}: message-id=<{message_id}>")
        + line(
            "qmgr", f"{queue_id}: from=<ami@example.org>, size=400, nrcpt={nrcpt} (queue active)"
        )
    )


def to(text, program="local", queue_id="4F1AB2"):
    delays = "delay=0.1, delays=0.1/0/0/0"
    return line(program, f"{queue_id}: to={text.format(delays=delays)}")


REMOVED = line("qmgr", "4F1AB2: removed")
BOUNCED = to(
    "<prof@a.test>, relay=none, {delays}, dsn=5.4.6, status=bounced (too many hops)", "smtp"
)
NOTICE = (
    line("bounce", "4F1AB2: sender non-delivery notification: 4F1AC0")
    + line("cleanup", "4F1AC0: message-id=<20260326.4F1AC0@mail.a.test>")
    + line("qmgr", "4F1AC0: from=<>, size=900, nrcpt=1 (queue active)")
    + to(
        "<ami@example.org>, relay=world[1.0.0.2]:25, {delays}, status=sent (250)",
        "smtp",
        "4F1AC0",
    )
    + line("qmgr", "4F1AC0: removed")
)
DEFERRED = to(
    "<prof@etab.fr>, relay=virtual, {delays}, status=deferred (configuration error)",
    "virtual",
)

FATES = {
    "to another account": (
        begun()
        + to(
            "<tech@a.test>, orig_to=<prof@etab.fr>, relay=local, {delays}, status=sent (to mailbox)"
        )
        + REMOVED,
        "it went to tech",
        "il est allé chez tech",
    ),
    "into a virtual mailbox": (
        begun()
        + to("<prof@etab.fr>, relay=virtual, {delays}, status=sent (delivered)", "virtual")
        + REMOVED,
        "it went to the mailbox of prof@etab.fr",
        "il est allé dans la boîte de prof@etab.fr",
    ),
    "to another host": (
        begun()
        + to(
            "<a@b.fr>, relay=mx.b.fr[10.0.0.2]:25, {delays}, status=sent (250 Ok)",
            "smtp",
        )
        + REMOVED,
        "it went to mx.b.fr",
        "il est parti vers mx.b.fr",
    ),
    "to a program": (
        begun()
        + to(
            "<n@a.test>, relay=traitement, {delays}, status=sent (delivered)",
            "pipe",
        )
        + REMOVED,
        "the service traitement took it",
        "le service traitement l'a pris",
    ),
    "returned": (
        begun() + BOUNCED + NOTICE + REMOVED,
        "it was returned: too many hops",
        f"il a été renvoyé à l'expéditeur{NARROW}: too many hops",
    ),
    "waiting": (
        begun() + DEFERRED,
        "it waits in the queue: configuration error",
        f"il attend dans la file{NARROW}: configuration error",
    ),
    "refused by a header check": (
        line("smtpd", "4F1AB2: client=world[10.0.0.2]")
        + line("cleanup", f"4F1AB2: message-id=<{WORD}@check.invalid>")
        + line(
            "cleanup",
            f"4F1AB2: reject: {HEADER}: 5.7.1 no exe",
        ),
        "it was refused: header Subject: x from w[1.0.0.2]: 5.7.1 no exe",
        f"il a été refusé{NARROW}: header Subject: x from w[1.0.0.2]: 5.7.1 no exe",
    ),
    "held": (
        line("smtpd", "4F1AB2: client=world[10.0.0.2]")
        + line("cleanup", f"4F1AB2: message-id=<{WORD}@check.invalid>")
        + line(
            "cleanup",
            f"4F1AB2: hold: {HEADER}: quarantaine",
        ),
        "it is in the queue hold",
        "il est retenu dans la file hold",
    ),
    "deleted": (
        begun() + DEFERRED + line("postsuper", "4F1AB2: removed"),
        "it was deleted from the queue",
        "il a été supprimé de la file",
    ),
    "two recipients": (
        begun(nrcpt=2)
        + to("<tech@a.test>, relay=local, {delays}, status=sent (x)")
        + to("<prof@a.test>, relay=local, {delays}, status=sent (x)")
        + REMOVED,
        "it went to tech; it went to prof",
        f"il est allé chez tech{NARROW}; il est allé chez prof",
    ),
    "on its way": (begun(), "the message is still on its way", "le message est encore en route"),
}


@pytest.fixture
def context(tmp_path, monkeypatch):
    """A check whose log can be written, and was not for a minute."""
    monkeypatch.setattr(fate, "MAILDROP", str(tmp_path / "maildrop"))
    log = tmp_path / "mail.log"
    log.write_text("")

    def write(text, idle=60):
        log.write_text(text)
        os.utime(log, (time.time() - idle,) * 2)

    context = CheckContext(WORD, log=str(log), acted=time.monotonic() - 60)
    context.write = write
    return context


@pytest.mark.parametrize(("log", "en", "fr"), FATES.values(), ids=FATES)
def test_it_is_told_what_became_of_a_message(context, log, en, fr):
    context.write(log)
    assert fate.told(context) == {"en": en, "fr": fr}


def test_nothing_is_told_of_the_messages_of_others(context):
    context.write(begun(message_id="other@a.test") + BOUNCED + REMOVED)
    assert fate.told(context) is None
    context.queue_ids = ["4F1AB2"]
    assert fate.told(context)["en"] == "it was returned: too many hops"


FINISHED = {name: log for name, (log, _en, _fr) in FATES.items() if name != "on its way"}
AGAIN = line("qmgr", "4F1AB2: from=<ami@example.org>, size=400, nrcpt=1 (queue active)", 9)
ABORTED = (
    line("smtpd", "connect from world[10.0.0.2]")
    + line("smtpd", "4F1AB2: client=world[10.0.0.2]")
    + line("smtpd", "disconnect from world[10.0.0.2] helo=1 mail=1 rcpt=1/2 quit=1 commands=4/5")
)
UNFINISHED = {
    "active": begun(),
    "delivered and not removed": begun()
    + to("<tech@a.test>, relay=local, {delays}, status=sent (x)"),
    "tried again": begun() + DEFERRED + AGAIN,
    "its notification is under way": begun() + BOUNCED + NOTICE.rpartition("2026")[0] + REMOVED,
    "an answer to it, of another id": FATES["to a program"][0] + begun("4F1AD0", "answer@a.test"),
    "half a dialogue": ABORTED.rpartition("2026")[0],
}


@pytest.mark.parametrize(
    "log", [*FINISHED.values(), ABORTED, ""], ids=[*FINISHED, "aborted", "none"]
)
def test_what_is_at_its_end_is_not_waited_for(context, log):
    context.write(log)
    assert fate.unfinished(context) == []
    assert fate.certainty("arrived", {}, context)()


@pytest.mark.parametrize("log", UNFINISHED.values(), ids=UNFINISHED)
def test_what_is_under_way_is_waited_for(context, log):
    context.write(log)
    assert fate.unfinished(context)
    assert not fate.certainty("arrived", {}, context)()


def test_a_service_that_master_lets_rest_is_not_waited_for(context):
    context.write(
        begun()
        + line("pipe", "fatal: get_service_attr: unknown username: nagios")
        + line("master", "warning: process /usr/lib/postfix/sbin/pipe pid 42 exit status 1")
    )
    assert not fate.certainty("log", {}, context)()
    context.write(
        begun() + line("master", f"warning: /usr/lib/postfix/sbin/pipe: {fate.THROTTLING}")
    )
    assert fate.throttled(context)
    assert fate.certainty("log", {}, context)()


def test_a_message_that_the_log_has_not_named_yet_is_under_way(context):
    context.queue_ids = ["4F1AFF"]
    assert fate.unfinished(context) == ["4F1AFF"]


def test_which_messages_wait_is_told(context):
    context.write(FATES["waiting"][0])
    assert fate.waiting(context) == ["4F1AB2"]
    context.write(FATES["held"][0])
    assert fate.waiting(context) == ["4F1AB2"]
    context.write(FATES["deleted"][0])
    assert fate.waiting(context) == []


QUIET = [
    ("arrived", 1.5, {}, True),
    ("arrived", 0.2, {}, False),
    # The world puts into its mailboxes, and a flushed queue begins again, out of the log's sight.
    ("received", 1.5, {}, False),
    ("received", 3.5, {}, True),
    # A web server keeps what a file was for a moment.
    *((kind, 1.5, {}, False) for kind in ("http", "feed")),
    *((kind, 3.5, {}, True) for kind in ("http", "feed")),
    ("arrived", 1.5, {"flushed": True}, False),
    ("arrived", 3.5, {"flushed": True}, True),
    ("arrived", 60, {"elsewhere": True}, False),
]


@pytest.mark.parametrize(("kind", "idle", "more", "certain"), QUIET)
def test_it_must_have_been_quiet_for_a_while(context, kind, idle, more, certain):
    context.write(FATES["to another account"][0], idle)
    for name, value in more.items():
        setattr(context, name, value)
    assert fate.certainty(kind, {}, context)() == certain


def test_who_fetches_mail_writes_to_the_log_at_each_look(context, monkeypatch):
    monkeypatch.setattr(fate, "QUIET_BEYOND_SECONDS", 0.01)
    context.write(UNFINISHED["active"], 60)
    certain = fate.certainty("arrived", {"protocol": "imap"}, context)
    assert not certain()
    time.sleep(0.02)
    assert not certain()
    context.write(FATES["to another account"][0], 0)
    assert not certain()
    time.sleep(0.02)
    assert certain()


def test_what_has_just_been_done_may_not_be_in_the_log_yet(context):
    context.write("")
    context.acted = time.monotonic()
    assert not fate.certainty("arrived", {}, context)()


def test_what_waits_in_maildrop_is_under_way(context, tmp_path):
    context.write(FATES["to a program"][0])
    (tmp_path / "maildrop").mkdir()
    assert fate.certainty("arrived", {}, context)()
    (tmp_path / "maildrop" / "A1").write_text("")
    assert not fate.certainty("arrived", {}, context)()


def test_without_a_log_nothing_is_certain(context, tmp_path):
    context.log = str(tmp_path / "none")
    assert not fate.certainty("arrived", {}, context)()


@pytest.mark.parametrize(
    ("kind", "given"), [("file", {}), ("command", {}), ("log", {}), ("queue", {})]
)
def test_what_no_message_has_set_going_is_not_waited_for(context, kind, given):
    context.acted = 0.0
    assert fate.certainty(kind, given, context)()
    # Who writes how long it may take, has a reason.
    assert not fate.certainty(kind, {"within": 5}, context)()


def test_a_command_that_is_run_again_does_not_put_its_own_end_off(context):
    context.write("")
    os.utime(context.log, (time.time() - 60, time.time() - 60))
    context.acted = time.monotonic() - 60
    certain = fate.certainty("command", {}, context)
    context.acted = time.monotonic()
    assert certain()
    # A message that has just been sent is on its way all the same.
    assert not fate.certainty("command", {}, context)()


def test_a_service_that_starts_has_a_moment(context, monkeypatch):
    context.acted = 0.0
    assert not fate.certainty("connect", {}, context)()
    monkeypatch.setattr(fate, "QUIET_SECONDS", 0.0)
    assert fate.certainty("connect", {}, context)()


def test_the_gravest_line_that_explains_is_found(context):
    context.write(
        line("smtpd", 'fatal: open dictionary: expecting "type:name" form instead of "hash"')
        + line("master", "warning: process /usr/lib/postfix/sbin/smtpd pid 42 exit status 1")
    )
    assert fate.trouble(context).startswith("postfix/smtpd: fatal: open dictionary")
    context.write(begun())
    assert fate.trouble(context) == ""

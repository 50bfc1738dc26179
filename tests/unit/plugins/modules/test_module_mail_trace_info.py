"""mail_trace_info as a module, on logs as logrotate leaves them."""

from __future__ import annotations

import datetime
import gzip
import os

import pytest

from ansible_collections.labs.mail.plugins.modules import mail_trace_info
from tests.support.mail_logs import COURSE, LOGS

LINES = LOGS["debian-12/chain-clean"].splitlines(keepends=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mail.log"


@pytest.fixture
def look(run, path):
    def look(check=False, **wanted):
        return run(mail_trace_info.main, check, path=str(path), **wanted)

    return look


def test_a_message_of_the_course(look, path):
    path.write_bytes(COURSE)
    day = datetime.datetime(2008, 3, 26, 17).timestamp()
    os.utime(path, (day, day))
    result = look(queue_id="6BE3340445C")
    [found] = result["paths"]
    assert not result["changed"]
    assert result["files"] == [str(path)]
    assert [hop["queue_id"] for hop in found["hops"]] == [
        "53AE9404458",
        "6BE3340445C",
        "B070C40445E",
        "B4D7F404458",
    ]
    assert found["time"] == "2008-03-26T16:11:02"
    assert len(found["lines"]) == 35
    assert result["lines"] == found["lines"]
    assert look(check=True, queue_id="6BE3340445C") == result


def test_rotated_and_compressed(look, path):
    path.write_bytes(b"".join(LINES))
    whole = look()["paths"]
    path.with_name("mail.log.10.gz").write_bytes(gzip.compress(b"".join(LINES[:5])))
    path.with_name("mail.log.2.gz").write_bytes(gzip.compress(b"".join(LINES[5:13])))
    path.with_name("mail.log.1").write_bytes(b"".join(LINES[13:20]).rstrip(b"\n"))
    path.write_bytes(b"".join(LINES[20:]))
    path.with_name("mail.log.old").write_bytes(b"".join(LINES))
    result = look(message_id="<clean.12@pc1.test>")
    assert result["paths"] == whole
    assert [os.path.basename(file) for file in result["files"]] == [
        "mail.log.10.gz",
        "mail.log.2.gz",
        "mail.log.1",
        "mail.log",
    ]
    path.unlink()
    assert look(queue_id="342FF1CE48F")["files"] == result["files"][:3]


def test_a_damaged_and_an_unknown_archive_are_named(look, path):
    path.write_bytes(b"".join(LINES))
    path.with_name("mail.log.1.gz").write_bytes(gzip.compress(b"x" * 9999)[:30])
    path.with_name("mail.log.2.xz").write_bytes(b"")
    result = look(recipient="tech")
    assert len(result["paths"]) == 1
    unread, damaged = result["warnings"]
    assert "mail.log.2.xz was not read: only gzip is; unpack it" in unread
    assert "mail.log.1.gz was read in part: it is no gzip file to its end" in damaged


def test_logs_of_several_machines(look):
    contents = {name: LOGS[f"debian-13/smtp-{name}"].decode() for name in "ab"}
    [found] = look(contents=contents)["paths"]
    assert [hop["host"] for hop in found["hops"]] == ["a", "b"]
    contents["b"] = contents["b"].splitlines()
    assert look(contents=contents)["paths"] == [found]


def test_refusals(look, path):
    path.write_bytes(LOGS["debian-13/chain-refused"])
    result = look(recipient="nobody@example.org", sender="<prof@beauvelo.fr>", since="2026-11-25")
    assert result["paths"] == []
    [refusal] = result["refusals"]
    assert refusal["program"] == "smtpd"
    assert refusal["recipient"] == "nobody@example.org"


def test_a_message_that_is_not_there(look, path):
    path.write_bytes(COURSE)
    assert look(queue_id="0123456789")["paths"] == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"since": "yesterday"}, "yesterday is no time; write it as 2026-03-26 16:11"),
        ({"queue_id": [""]}, "empty queue_id"),
        ({"message_id": ["<>"]}, "empty queue_id or message_id"),
    ],
)
def test_what_is_asked_for_wrongly(look, path, wanted, message):
    path.write_bytes(COURSE)
    result = look(**wanted)
    assert result["failed"]
    assert message in result["msg"]


def test_a_log_that_is_not_there(look, path):
    result = look()
    assert result["failed"]
    assert (result["path"], result["msg"]) == (
        str(path),
        f"{path}: there is no such log; write the path of the one that Postfix fills",
    )


def test_a_folder_that_is_not_there(run, tmp_path):
    result = run(mail_trace_info.main, path=str(tmp_path / "none" / "mail.log"))
    assert result["failed"]
    assert "cannot be read" in result["msg"]


def test_a_log_that_is_a_folder(look, path):
    path.mkdir()
    assert "is a directory" in look()["msg"]


def test_a_log_of_which_nothing_can_be_read_is_an_error(look, path):
    path.write_bytes(b"92227194986: removed\n" * 3)
    result = look()
    assert result["failed"]
    assert f"{path}: no line could be read; the first is '92227194986: removed'" in result["msg"]
    assert "journalctl --output=short" in result["msg"]
    assert look(queue_id="92227194986")["failed"]


def test_an_empty_log_is_no_error(look, path):
    path.write_bytes(b"\n")
    assert look()["paths"] == []


def test_lines_that_cannot_be_read_are_counted_and_the_first_is_shown(look, path):
    path.write_bytes(LINES[0] + b"-- Boot 0123 --\nno line\nnor this\n" + b"".join(LINES[1:]))
    result = look()
    assert result["unread"] == {"count": 2, "first": "no line"}
    assert result["warnings"] == ["2 lines of the log could not be read, the first: 'no line'"]
    path.write_bytes(b"".join(LINES))
    assert look()["unread"] is None


def test_logs_given_by_machine_are_looked_at_too(run):
    result = run(mail_trace_info.main, contents={"mx": "no log at all"})
    assert result["failed"]
    assert "contents: mx: no line could be read" in result["msg"]


EXPORTED = b"".join(
    b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795950542596672\n_HOSTNAME=mx\n"
    b"SYSLOG_IDENTIFIER=postfix/smtpd\n_PID=1\nMESSAGE=%s\n\n" % text
    for text in (
        b"1D8AAAA: client=h[1.2.3.4]",
        b"1D8AAAA: reject: DATA from h[1.2.3.4]: 550 no; from=<a@x> to=<b@y> proto=SMTP helo=<p>",
    )
)


def test_the_entries_of_journalctls_export_are_read(look, run, path):
    path.write_bytes(EXPORTED)
    [found] = look(recipient="b@y")["paths"]
    assert found["status"] == "rejected"
    [same] = run(mail_trace_info.main, contents={"mx": EXPORTED.decode()})["paths"]
    assert same == found

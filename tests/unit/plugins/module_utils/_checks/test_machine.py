"""What a check sees of the machine: log, queue, commands, files, open ports and pages."""

from __future__ import annotations

import grp
import http.server
import os
import pwd
import socket
import threading
import time

import pytest

from ansible_collections.labs.mail.plugins.module_utils._checks import machine
from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.shown_text import shown_text
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
)
from tests.support.check_steps import said, with_defaults

HERE = "127.0.0.1"
BEFORE = "postfix/smtpd[1]: connect from before\n"
AFTER = "postfix/qmgr[2]: 4F1: removed\npostfix/smtpd[1]: disconnect\n"


def ran(lab, given):
    return machine.ran(lab, with_defaults("command", given))


def file(lab, given):
    return machine.file(lab, with_defaults("file", given))


def connected(host, given):
    return machine.connected(host, with_defaults("connect", given))


@pytest.fixture
def lab(tmp_path):
    """A machine whose log had a line when the check began."""
    log = tmp_path / "mail.log"
    log.write_text(BEFORE)
    return CheckContext("w0rd-a-", log=str(log), log_start=machine.log_end(str(log)))


def write(lab, text, mode="a"):
    with open(lab.log, mode) as log:
        log.write(text)


def test_the_log_is_looked_at_from_where_the_check_began(lab):
    write(lab, AFTER)
    assert machine.new_log(lab) == AFTER
    assert machine.logged(lab, {"line": "removed"}).text == "postfix/qmgr[2]: 4F1: removed"
    seen = machine.logged(lab, {"line": "connect from before"})
    assert (seen.ok, said(seen)) == (False, "no line about the message")
    lab.queue_ids = ["4F1"]
    seen = machine.logged(lab, {"line": "connect from before"})
    assert said(seen) == "postfix/qmgr[2]: 4F1: removed"


def test_a_log_that_was_rotated_is_looked_at_whole(lab):
    write(lab, "one line\n", "w")
    assert machine.new_log(lab) == "one line\n"


def test_an_empty_log_has_no_line(lab):
    seen = machine.logged(lab, {"line": "."})
    assert (seen.ok, said(seen)) == (False, "no line about the message")


def test_a_log_may_hold_any_bytes(lab):
    with open(lab.log, "ab") as log:
        log.write(b"\xff\xfe removed\n")
    assert machine.logged(lab, {"line": "removed"}).ok


def test_without_a_log_nothing_can_be_checked(tmp_path):
    none = str(tmp_path / "none")
    lab = CheckContext("w", log=none, log_start=machine.log_end(none))
    assert lab.log_start == 0
    with pytest.raises(CouldNotCheckError, match="none: No such file"):
        machine.logged(lab, {"line": "x"})


PATTERNS = [
    ("{queue_id}: removed", ["4F1"], True),
    ("{queue_id}: removed", ["4F2", "4F1"], True),
    ("{queue_id}: removed", ["4F2"], False),
    # Without a message there is no queue id, and nothing is like it.
    ("{queue_id}: removed", [], False),
    ("{word}", [], False),
]


@pytest.mark.parametrize(("pattern", "ids", "ok"), PATTERNS)
def test_a_pattern_may_name_the_checks_messages(lab, pattern, ids, ok):
    write(lab, AFTER)
    lab.queue_ids = ids
    assert machine.logged(lab, {"line": pattern}).ok == ok
    write(lab, "4F1: message-id=<w0rd-a-@check.invalid>\n")
    assert machine.logged(lab, {"line": "message-id=<{word}@"}).ok


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Return a function that makes a program, in the only folder in which those are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = {**machine.ENVIRONMENT, "PATH": f"{folder}:{machine.ENVIRONMENT['PATH']}"}
    monkeypatch.setattr(machine, "ENVIRONMENT", path)

    def make(name, text, mode=0o755):
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
        # subprocess looks a program up by our own PATH.
        monkeypatch.setenv("PATH", path["PATH"])
        return str(folder / name)

    return make


COMMANDS = {
    "well": (["true"], {}, True, "it prints nothing"),
    "wrong": (["false"], {}, False, "exit code 1"),
    "another code": (["false"], {"exit": 1}, True, "it prints nothing"),
    "output": (["echo", "one two"], {"output": "^one"}, True, "one two"),
    "a later line": (["printf", "one\\ntwo"], {"output": "^two$"}, True, "one two"),
    "no line begins otherwise": (["echo", "one"], {"output": "^(?!one)"}, False, "one"),
    "other output": (["echo", "one"], {"output": "two"}, False, "one"),
    "on standard error": (["sh", "-c", "echo bad >&2"], {"output": "bad"}, True, "bad"),
    "input": (["cat"], {"input": "mail {queue_id} {word}", "output": ""}, True, "4F1 w0rd-a-"),
    "the message": (["echo", "{queue_id}", "{word}"], {}, True, "4F1 w0rd-a-"),
    "without a shell": (["echo", "$HOME;"], {}, True, "$HOME;"),
    "missing": (["no-such-program"], {}, False, "there is no such command"),
    "not executable": (["/etc/passwd"], {}, False, "exit code 126: /etc/passwd: Permission denied"),
    "a folder": (["/etc"], {}, False, "exit code 126: /etc: Permission denied"),
    "bytes": (["printf", "\\377"], {}, True, "�"),
}


@pytest.mark.parametrize(("run", "given", "ok", "text"), COMMANDS.values(), ids=COMMANDS)
def test_commands(lab, run, given, ok, text):
    lab.queue_ids = ["4F0", "4F1"]
    seen = ran(lab, {"run": run, **given})
    assert seen.ok == ok
    assert text in said(seen)


def test_a_file_that_is_no_program_is_said(lab, programs):
    seen = ran(lab, {"run": [programs("empty", "\x00\x01")]})
    assert not seen.ok
    assert "Exec format error" in said(seen)


@pytest.mark.parametrize("run", [["sleep", "60"], ["sh", "-c", "sleep 60 & exec sleep 60"]])
def test_a_command_that_hangs_ends(lab, monkeypatch, run):
    monkeypatch.setattr(machine, "COMMAND_SECONDS", 0.1)
    started = time.monotonic()
    seen = ran(lab, {"run": run})
    assert (seen.ok, said(seen)) == (False, f"exit code 124: {run[0]}: > 0.1 s")
    assert time.monotonic() - started < 20


def test_a_command_knows_nothing_of_ours(lab, monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv("OURS", "x")
    assert machine.ran(
        lab, with_defaults("command", {"run": ["env"], "output": r"\ALC_ALL=C\.UTF-8$|\APATH="})
    ).ok
    assert not ran(lab, {"run": ["env"], "output": "OURS"}).ok


QUEUE = """\
{"queue_name": "deferred", "queue_id": "4F1", "recipients": []}
{"queue_name": "hold", "queue_id": "4F2", "recipients": []}
"""
POSTQUEUE = f"""\
#!/bin/sh
echo "postqueue: warning: main.cf, line 8: overriding earlier entry" >&2
[ "$1" = -j ] && cat <<'END'
{QUEUE}END
"""
QUEUED = [
    (["4F1"], "deferred", True, "it is in deferred"),
    (["4F1"], "hold", False, "it is in deferred"),
    (["4F2", "4F1"], "hold", True, "it is in deferred, hold"),
    (["4F3"], "deferred", False, "it is in no queue"),
    ([], "deferred", False, "it is in no queue"),
]


@pytest.mark.parametrize(("ids", "queue", "ok", "text"), QUEUED)
def test_a_message_is_in_a_queue(lab, programs, ids, queue, ok, text):
    programs("postqueue", POSTQUEUE)
    lab.queue_ids = ids
    seen = machine.in_queue(lab, {"queue": queue})
    assert (seen.ok, said(seen)) == (ok, text)


def test_a_postfix_that_cannot_say_is_said(lab, programs):
    programs("postqueue", "#!/bin/sh\necho postqueue: fatal: no spool >&2\nexit 69\n")
    seen = machine.in_queue(lab, {"queue": "hold"})
    assert (seen.ok, said(seen)) == (False, "postqueue: fatal: no spool")


POSTCONF = """\
#!/bin/sh
echo "postconf: warning: main.cf, line 8: overriding earlier entry" >&2
case "$*" in
    "-xh mydomain") echo student1.test ;;
    "-xh relayhost") echo ;;
    *) echo "postconf: warning: $2: unknown parameter" >&2 ;;
esac
"""
PARAMETERS = [
    ("mydomain", r"^student1\.test$", True, "student1.test"),
    ("mydomain", "student2", False, "student1.test"),
    ("relayhost", "^$", True, ""),
    ("mydomian", "mydomian", False, "mydomian: unknown parameter"),
]


@pytest.mark.parametrize(("name", "value", "ok", "text"), PARAMETERS)
def test_parameters(lab, programs, name, value, ok, text):
    programs("postconf", POSTCONF)
    seen = machine.parameter(lab, {"name": name, "value": value})
    assert seen.ok == ok
    assert said(seen).endswith(text)
    assert not ok or said(seen) == text


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page"
    path.write_text("one\ntwo w0rd-a-\n")
    path.chmod(0o640)
    return path


ME = pwd.getpwuid(os.getuid()).pw_name
MINE = grp.getgrgid(os.getgid()).gr_name
FACTS = {
    "there": ({}, True, f"owner: {ME}, group: {MINE}, mode: 0640"),
    "present": ({"state": "present"}, True, "0640"),
    "not absent": ({"state": "absent"}, False, "it is there"),
    "owner": ({"owner": ME, "group": MINE, "mode": "0640"}, True, ""),
    "another owner": ({"owner": "nobody"}, False, f"owner: {ME}"),
    "another mode": ({"mode": "0644", "group": MINE}, False, "mode: 0640"),
    "text": ({"text": "^two {word}$"}, True, "one two w0rd-a-"),
    "another text": ({"text": "^three"}, False, "one two w0rd-a-"),
    "no other line": ({"text": "^(?!one|two)"}, False, "one two w0rd-a-"),
}


@pytest.mark.parametrize(("given", "ok", "text"), FACTS.values(), ids=FACTS)
def test_facts_of_a_file(lab, page, given, ok, text):
    seen = file(lab, {"path": str(page), **given})
    assert seen.ok == ok
    assert text in said(seen)


def test_a_file_that_is_not_there(lab, tmp_path):
    path = str(tmp_path / "none")
    assert file(lab, {"path": path, "state": "absent"}).ok
    assert not file(lab, {"path": path, "state": "present"}).ok
    assert not machine.file(
        lab, with_defaults("file", {"path": f"{lab.log}/below", "text": "x"})
    ).ok


def test_a_folder_has_no_text(lab, tmp_path):
    assert file(lab, {"path": str(tmp_path)}).ok
    seen = file(lab, {"path": str(tmp_path), "text": "x"})
    assert (seen.ok, "directory" in said(seen)) == (False, True)


def test_an_owner_without_an_account_is_a_number(lab, page, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    seen = file(lab, {"path": str(page), "owner": "prof"})
    assert said(seen) == f"owner: {os.getuid()}"


CONNECTIONS = {
    "open": ({}, True, "a connection"),
    "not closed": ({"expect": "closed"}, False, "the port is open"),
    "greeting": ({"says": "^220 mail"}, True, "220 mail.test ESMTP"),
    "another greeting": ({"says": "^554"}, False, "220 mail.test ESMTP"),
}


@pytest.mark.parametrize(("given", "ok", "text"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_connections(smtp, given, ok, text):
    seen = connected(HERE, {"port": smtp.port, **given})
    assert (seen.ok, said(seen)) == (ok, text)


def test_something_may_be_said():
    with socket.create_server((HERE, 0)) as server:

        def talk():
            connection, _address = server.accept()
            with connection:
                connection.sendall(b"heard " + connection.recv(100))

        thread = threading.Thread(target=talk)
        thread.start()
        port = server.getsockname()[1]
        seen = machine.connected(
            HERE, with_defaults("connect", {"port": port, "send": "PING\n", "says": "heard PING"})
        )
        thread.join(5)
    assert (seen.ok, said(seen)) == (True, "heard PING")


def test_nothing_listens_on_a_closed_port():
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    assert connected(HERE, {"port": port, "expect": "closed"}).ok
    seen = machine.connected(
        "other.invalid", with_defaults("connect", {"host": HERE, "port": port, "says": "x"})
    )
    assert (seen.ok, said(seen) == "nothing listens there") == (False, True)


def test_a_server_that_says_nothing_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(machine, "CONNECT_SECONDS", 0.1)
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
        seen = connected(HERE, {"port": port, "says": "x"})
    assert (seen.ok, said(seen)) == (False, "no answer")


def test_a_server_that_says_something_else_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(machine, "SILENT_SECONDS", 0.1)
    with socket.create_server((HERE, 0)) as server:

        def talk():
            connection, _address = server.accept()
            connection.sendall(b"* OK LOGINDISABLED\r\n")
            connections.append(connection)

        connections = []
        thread = threading.Thread(target=talk)
        thread.start()
        began = time.monotonic()
        seen = connected(
            HERE, {"port": server.getsockname()[1], "says": r"^\* OK(?!.*LOGINDISABLED)"}
        )
        passed = time.monotonic() - began
        thread.join(5)
        connections.pop().close()
    assert (seen.ok, said(seen)) == (False, "* OK LOGINDISABLED")
    assert passed < machine.CONNECT_SECONDS / 2


def test_a_greeting_that_goes_on_is_waited_for(monkeypatch):
    monkeypatch.setattr(machine, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(machine, "CONNECT_SECONDS", 0.1)
    with socket.create_server((HERE, 0)) as server:

        def talk():
            connection, _address = server.accept()
            with connection:
                connection.sendall(b"220-wait\r\n")
                threading.Event().wait(0.3)
                connection.sendall(b"220 mail ESMTP\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        seen = connected(HERE, {"port": server.getsockname()[1], "says": "^220 mail"})
        thread.join(5)
    assert seen.ok


def test_a_line_that_must_not_be_there(lab):
    given = {"line": "to=<mailer-daemon", "state": "absent"}
    assert machine.logged(lab, given).ok
    write(lab, "postfix/local[9]: 4F2: to=<mailer-daemon@mail.test>, relay=local\n")
    seen = machine.logged(lab, given)
    assert (seen.ok, seen.lasting) == (False, True)


SHOWN = [
    ("<p>a &lt;b&gt; &amp;eacute;</p>", "a <b> &eacute;"),
    ("<p>a &#60;b&#x3E; &#38;eacute;", "a <b> &eacute;"),
    ("a &#60;b> &amp;eacute;", "a <b> &eacute;"),
    ("<p>a <b> &amp;eacute;</p>", "a  &eacute;"),
    ("a &lt;b> &eacute;", "a <b> é"),
    ("a &amp;lt;b>", "a &lt;b>"),
    ("ami&copy4@x", "ami©4@x"),
    ("x<script>alert(1)</script><style>p</style>y<!-- z -->", "xy"),
    ("a <", "a <"),
]


@pytest.mark.parametrize(("page", "text"), SHOWN)
def test_what_a_browser_shows_of_a_page(page, text):
    assert shown_text(page) == text


class Pages(http.server.BaseHTTPRequestHandler):
    """Serves one page."""

    def do_GET(self):
        found = self.path == "/rss.xml"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write("<title>été w0rd-a-</title>".encode() if found else b"")

    def log_message(self, *_words):
        pass


@pytest.fixture
def site(monkeypatch):
    # A proxy for packages is none for the machine's own pages.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server = http.server.HTTPServer((HERE, 0), Pages)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://{HERE}:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pages(lab, site):
    assert machine.fetched(lab, {"url": f"{site}/rss.xml"}).ok
    seen = machine.fetched(lab, {"url": f"{site}/rss.xml", "text": "été {word}"})
    assert (seen.ok, said(seen)) == (True, "<title>été w0rd-a-</title>")
    assert not machine.fetched(lab, {"url": f"{site}/rss.xml", "text": "hiver"}).ok
    assert not machine.fetched(lab, {"url": f"{site}/rss.xml", "shown": "<title>"}).ok
    assert machine.fetched(lab, {"url": f"{site}/rss.xml", "shown": "été {word}"}).ok
    seen = machine.fetched(lab, {"url": f"{site}/none"})
    assert (seen.ok, "404" in said(seen)) == (False, True)


def test_no_page_without_a_web_server(lab, smtp):
    assert not machine.fetched(lab, {"url": f"http://{HERE}:{smtp.port}/"}).ok
    smtp.close()
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in machine.fetched(lab, {"url": f"http://{HERE}:{port}/"}).text

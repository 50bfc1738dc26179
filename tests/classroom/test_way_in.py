"""From a card to a prompt, the same shell after a cut, and what a class leaves behind."""

from __future__ import annotations

import json
import re
import stat
import time
from dataclasses import replace

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import FILE
from tests.support.classroom import GATE, free_port, greeting_of
from tests.support.waiting import until


def test_on_docker_somebody_has_to_say_that_students_are_trusted(lab, refused):
    code, output = refused
    assert code == 1
    assert "--students-are-trusted" in output
    assert "root of this computer" in output


def test_it_goes_from_the_card_to_a_prompt(student, other):
    for number, each in enumerate((student, other), start=1):
        begun = time.monotonic()
        with each.terminal() as terminal:
            terminal.find(rf"root@student{number}:")
            print(f"COUNTED {time.monotonic() - begun:.1f} s from the words to a prompt")
            assert terminal.ask("hostname") == f"student{number}"
            assert terminal.ask("id -un") == "root"


def test_the_shell_is_the_same_after_a_cut(room, student):
    with student.terminal() as terminal:
        terminal.find("root@student1:")
        shell = terminal.ask("echo $$")
        terminal.type("unfinished=yes; cd /var/log")
        terminal.type("sleep 1000 &")
        assert "sleep 1000" in terminal.ask("jobs")
    assert "sleep 1000" in room.root(11, "ps -C sleep -o args")
    with student.terminal() as terminal:
        terminal.find("root@student1:")
        assert terminal.ask("echo $$") == shell
        assert terminal.ask("pwd") == "/var/log"
        assert terminal.ask("echo $unfinished") == "yes"
        assert "sleep 1000" in terminal.ask("jobs")


def test_two_windows_show_the_same_shell(student):
    with student.terminal() as one, student.terminal() as two:
        assert one.ask("echo $$") == two.ask("echo $$")


def test_the_own_mail_is_at_ports_of_the_own_computer(student):
    imap, smtp = free_port(), free_port()
    options = ["-L", f"{imap}:student1:143", "-L", f"{smtp}:student1:25"]
    with student.forwarding(*options, port=smtp):
        assert greeting_of(imap).startswith(b"* OK")
        assert b"student1" in greeting_of(smtp)


def test_letters_are_whole_and_a_strange_terminal_is_no_obstacle(student):
    with replace(student, environment={"TERM": "no-such-terminal"}).terminal() as terminal:
        assert terminal.ask("printf 'é€ %s' $TERM").startswith("é€")


def test_a_machine_that_is_reset_lets_the_gate_in(room, student):
    code, output = room.command("reset", "student1")
    assert code == 0, output
    with student.terminal() as terminal:
        terminal.find("root@student1:")
        assert terminal.ask("hostname") == "student1"


def test_opening_it_again_changes_nothing(room):
    code, output = room.command("class")
    assert code == 0, output
    assert [line for line in output.splitlines() if re.search(r"\d changes?$", line)] == []


def test_secrets_are_their_owners_alone(room):
    for path in (room.folder / ".keys" / "class").iterdir():
        if path.suffix != ".pub":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    listed = room.root(GATE, "stat -c '%U %a %n' /etc/labs.mail/gate/keys/*").split()
    assert listed == [
        word
        for number in (1, 2)
        for word in (f"student{number}", "400", f"/etc/labs.mail/gate/keys/student{number}")
    ]


def test_a_machine_that_does_not_answer_is_named(room, other):
    room.root(12, "systemctl stop ssh.socket; systemctl stop ssh")
    try:
        with other.terminal() as terminal:
            terminal.find("student2 does not answer")
    finally:
        container = room.containers()[f"{room.name}-student2"]
        container.exec_run(["systemctl", "start", "ssh"])
        until(lambda: "up" in room.root(12, "echo up"))


def test_what_happened_outlives_the_gate(room):
    """The last one, since the class is another one then."""
    told = [json.loads(line) for line in room.root(GATE, f"cat {FILE}").splitlines()]
    assert {"login", "hand"} <= {each["kind"] for each in told}
    code, output = room.command("class", "--close")
    assert code == 0, output
    assert f"{room.name}-gate" not in room.containers()
    path = room.folder / "reports" / "board" / "events.jsonl"
    assert str(path) in output
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    names = ("time", "kind", "up", "exercise", "outcomes", "text")
    of_students = [each for each in kept if each["kind"] in {one["kind"] for one in told}]
    assert [(each["machine"], *(each.get(name) for name in names)) for each in of_students] == [
        (each["student"], *(each.get(name) for name in names)) for each in told
    ]
    assert kept[-1]["kind"] == "closed"
    before = path.read_bytes()
    room.open(free_port())
    assert room.root(GATE, f"cat {FILE} 2> /dev/null") == ""
    assert path.read_bytes() == before

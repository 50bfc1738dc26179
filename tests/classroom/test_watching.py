"""The teacher watches a student's terminal, and types there where the student agrees."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
import time

import pytest

from tests.support.waiting import until

WATCHED = "The teacher is watching this terminal"
ASKED = "The teacher asks to type too"
TYPES = "The teacher types here too"
AGREE, REFUSE, LEAVE = "\x02J", "\x02N", "\x02d"
OWN_KEYS = "bind-key -T prefix C-b send-prefix"


@pytest.fixture
def shown(room):
    """Return a function that returns what is on the student's screen."""

    def shown():
        return room.root(11, "tmux -u capture-pane -p -t =class:")

    return shown


@contextlib.contextmanager
def both(room, student, *words):
    """Yield the student's terminal, and the teacher's who watches it."""
    with student.terminal() as own, room.teacher("watch", "student1", *words) as teacher:
        own.find("root@student1:")
        own.find(ASKED if words else WATCHED)
        teacher.find(ASKED if words else WATCHED)
        yield own, teacher


def flags(room):
    return room.root(11, "tmux list-clients -t =class: -F '#{client_flags}'").split()


def at_ease(room):
    """Tell whether nothing of those who watched is left."""
    left = room.root(
        11,
        "tmux show-options -t =class:; tmux show-hooks -t =class:; tmux list-keys | "
        "grep -E -- '-T (root|prefix) +(J|N|C-b) '; "
        "tmux list-clients -t =class: -F '#{client_flags}' | grep ignore-size",
    )
    return [re.sub(" +", " ", line).strip() for line in left.splitlines()] == [OWN_KEYS]


def recorded(room):
    """Return what the file of events has of the last one who watched."""
    path = room.folder / "reports" / "board" / "events.jsonl"
    found = [json.loads(line) for line in path.read_text().splitlines()]
    last = [each for each in found if each["kind"] == "watch"][-2:]
    assert [each["stage"] for each in last] == ["begun", "ended"]
    assert {each["machine"] for each in last} == {"student1"}
    return last[1]["action"], last[1]["text"]


def test_the_teacher_sees_what_the_student_types_and_types_nothing(room, student, shown):
    with both(room, student) as (own, teacher):
        own.type("echo seen-by''-both")
        teacher.find("seen-by-both")
        commands = ["\x02:kill-server\r", "\x02c", "\x02%"]
        for keys in ("echo INTRUDER\r", "\x03", AGREE, REFUSE, *commands):
            teacher.press(keys)
        # What was typed before comes before: then none of it came.
        own.type("echo after''wards")
        teacher.find("afterwards")
        assert "INTRUDER" not in shown()
        assert room.root(11, "tmux list-panes -s -t =class: | wc -l").strip() == "1"
        teacher.press(LEAVE)
        assert teacher.process.wait(30) == 0
        until(lambda: at_ease(room))
        assert recorded(room) == ("watch", "left")
        own.type("echo still''-here")
        own.find("still-here")


def test_the_student_says_no(room, student, shown):
    with both(room, student, "--join") as (own, teacher):
        teacher.press(f"echo INTRUDER\r{AGREE}echo INTRUDER\r")
        own.type("echo after''wards")
        teacher.find("afterwards")
        assert "INTRUDER" not in shown()
        own.press(REFUSE)
        assert teacher.process.wait(30) == 1
        teacher.find("the student has said no")
        until(lambda: at_ease(room))
        assert recorded(room) == ("join", "refused")


ENDS = {
    "Ctrl+B, N": REFUSE,
    "as fast as a paste": f"abc{REFUSE}",
    "after a Ctrl+B that went nowhere": f"\x02{REFUSE}",
}


@pytest.mark.parametrize("keys", ENDS.values(), ids=ENDS)
def test_where_the_student_agrees_both_type_until_the_student_ends_it(room, student, shown, keys):
    with both(room, student, "--join") as (own, teacher):
        own.press(AGREE)
        teacher.find(TYPES)
        own.find(TYPES)
        teacher.type("echo by-the''-teacher")
        own.find("by-the-teacher")
        # Once more agrees to nothing new, and takes nothing back.
        own.press(AGREE)
        teacher.type("echo once''-more")
        own.find("once-more")
        with ceaselessly(teacher, "x"):
            own.press(keys)
            ended = time.monotonic()
            until(lambda: not any("ignore-size" in each for each in flags(room)))
            print(f"COUNTED {time.monotonic() - ended:.1f} s until nothing of the teacher's comes")
        own.type("\x15echo mine''-again")
        own.find("mine-again")
        assert "x" not in shown().rpartition("mine-again")[2]
        assert teacher.process.wait(30) == 1
        teacher.find("the student has ended it")
        until(lambda: at_ease(room))
        assert recorded(room) == ("join", "ended by the student")


@contextlib.contextmanager
def ceaselessly(terminal, keys):
    """Press keys until the end, whatever comes of it."""
    ended = threading.Event()

    def press():
        while not ended.wait(0.001):
            with contextlib.suppress(OSError, ValueError):
                terminal.press(keys)

    pressing = threading.Thread(target=press, daemon=True)
    pressing.start()
    try:
        yield
    finally:
        ended.set()
        pressing.join(5)


def test_where_the_student_leaves_nobody_types_on(room, student, shown):
    with both(room, student, "--join") as (own, teacher):
        own.press(AGREE)
        teacher.find(TYPES)
        own.cut()
        assert teacher.process.wait(30) == 1
        teacher.find("the student has left")
        assert flags(room) == []
        assert recorded(room) == ("join", "the student left")


def test_one_alone_joins_so_that_the_students_keys_end_all(room, student):
    with both(room, student, "--join") as (own, teacher):
        with room.teacher("watch", "student1", "--join") as second:
            second.find("somebody else joins there already")
            assert second.process.wait(30) == 1
        with room.teacher("watch", "student1") as third:
            # Who only watches comes later, and that somebody asks is said still.
            third.find(ASKED)
            assert ASKED in shown_below(room)
            own.press(REFUSE)
            assert teacher.process.wait(30) == 1
            until(lambda: WATCHED in shown_below(room))
            assert third.process.poll() is None
            third.press(LEAVE)
            assert third.process.wait(30) == 0
        until(lambda: at_ease(room))


def shown_below(room):
    return room.root(11, "tmux show-options -t =class: -v 'status-format[2]'")


@pytest.mark.parametrize("words", [(), ("--join",)])
def test_a_teacher_who_is_cut_off_leaves_nothing(room, student, words):
    with both(room, student, *words) as (own, teacher):
        os.killpg(teacher.process.pid, signal.SIGKILL)
        until(lambda: at_ease(room))
        with student.terminal() as again:
            again.find("root@student1:")
            assert again.ask("hostname") == "student1"


def test_of_two_who_watch_the_last_one_takes_the_words_away(room, student):
    with both(room, student) as (own, teacher):
        with room.teacher("watch", "student1") as second:
            second.find(WATCHED)
            until(lambda: sum("ignore-size" in each for each in flags(room)) == 2)
        until(lambda: sum("ignore-size" in each for each in flags(room)) == 1)
        assert WATCHED in shown_below(room)
        teacher.press(LEAVE)
        until(lambda: at_ease(room))


def test_where_no_terminal_is_open_it_is_said(room):
    room.root(12, "tmux kill-server 2> /dev/null; true")
    with room.teacher("watch", "student2") as teacher:
        teacher.find("no terminal of the class is open there")
        assert teacher.process.wait(30) == 1

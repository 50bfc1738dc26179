"""Orders: a fixed list, validated by whoever runs them; the file says how far each is."""

from __future__ import annotations

import json

import pytest

from launcher import command
from launcher.board import event_file
from launcher.board.events import events_of
from launcher.board.orders import ACTIONS, Order, OrderError, line_of, order_of
from launcher.board.runner import MOST_WAITING, Runner

MACHINES, EXERCISES = ["student1", "student2"], ["blacklist"]
IDENT = "0" * 32

RIGHT = {
    "recheck": Order(IDENT, "recheck", "student1"),
    "recheck all": Order(IDENT, "recheck", "all"),
    "picture": Order(IDENT, "picture", "student1"),
    "reset": Order(IDENT, "reset", "student2"),
    "start": Order(IDENT, "start", "student1", "blacklist"),
    "solution": Order(IDENT, "solution", "student1"),
    "note": Order(IDENT, "note", "student1", "", "asked about postmap"),
}


@pytest.mark.parametrize("order", RIGHT.values(), ids=RIGHT)
def test_an_order_is_read_again(order):
    assert order_of(line_of(order), MACHINES, EXERCISES) == order


@pytest.mark.parametrize("order", RIGHT.values(), ids=RIGHT)
def test_what_is_run_are_words_that_lab_knows(order, hosts):
    words = ACTIONS[order.action].words(order)
    if words:
        given = command.parser().parse_args(words)
        assert given.verb == words[0]
    assert bool(words) == (order.action != "note")


def held(**changed):
    return json.dumps({**json.loads(line_of(RIGHT["recheck"])), **changed})


WRONG = {
    "nothing": "",
    "no object": "[]",
    "deep": "[" * 3000,
    "another action": held(action="shell"),
    "an action of Python's": held(action="__class__"),
    "another machine": held(machine="student3"),
    "the world": held(machine="world"),
    "an option": held(machine="--delete-homes"),
    "two machines": held(machine="student1 student2"),
    "a command": held(machine="student1; reboot"),
    "all reset": held(action="reset", machine="all"),
    "the solution for all": held(action="solution", machine="all"),
    "a machine in a list": held(machine=["student1"]),
    "start without exercise": held(action="start"),
    "another exercise": held(action="start", exercise="../../etc/passwd"),
    "an exercise where none is": held(exercise="blacklist"),
    "a note without text": held(action="note", text=" "),
    "a text where none is": held(text="x"),
    "a long note": held(action="note", text="x" * 501),
    "an id that is a path": held(id="../x"),
    "one thing more": held(homes="no"),
    "one thing less": json.dumps({"action": "recheck", "machine": "student1"}),
    "a long line": held() + " " * 5000,
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_what_is_no_order_is_refused(line):
    with pytest.raises(OrderError):
        order_of(line, MACHINES, EXERCISES)


class Process:
    """A process that ends when it is told."""

    code: int | None = None

    def poll(self):
        return self.code


@pytest.fixture
def bench(tmp_path):
    """A queue, and runners that start nothing."""

    class Bench:
        started: list = []
        processes: list = []

        def runner(self):
            return Runner(tmp_path, MACHINES, EXERCISES, lambda: 5.0, self.start)

        def start(self, words, log):
            log.write_text("PLAY\n\x1b[31mstudent1: no route\n\n")
            self.started.append(words)
            self.processes.append(Process())
            return self.processes[-1]

        def order(self, number, action="recheck", machine="student1", **more):
            order = Order(f"{number:032x}", action, machine, **more)
            event_file.append(tmp_path / "queue.jsonl", [line_of(order)])

        def said(self):
            events = events_of(event_file.Tail(tmp_path / "events.jsonl").new())
            return [(int(each.order, 16), each.stage) for each in events if each.kind == "order"]

        def notes(self):
            events = events_of(event_file.Tail(tmp_path / "events.jsonl").new())
            return [each.text for each in events if each.kind == "note"]

    found = Bench()
    found.started, found.processes, found.path = [], [], tmp_path
    return found


def test_orders_run_one_after_the_other(bench):
    runner = bench.runner()
    assert runner.idle
    bench.order(1)
    bench.order(2, "reset", "student2")
    runner.step()
    runner.step()
    assert not runner.idle
    assert bench.started == [["check", "student1"]]
    bench.processes[0].code = 2
    runner.step()
    assert bench.started[1:] == [["reset", "student2"]]
    bench.processes[1].code = 1
    runner.step()
    assert bench.said() == [
        (1, "queued"), (2, "queued"), (1, "running"), (1, "done"), (2, "running"), (2, "failed"),
    ]  # fmt: skip


def test_why_an_order_failed_is_said_as_harmless_text(bench):
    runner = bench.runner()
    bench.order(1, "reset")
    runner.step()
    bench.processes[0].code = 1
    runner.step()
    last = events_of(event_file.Tail(bench.path / "events.jsonl").new())[-1]
    assert "student1: no route" in last.text
    assert "\x1b" not in last.text


def test_a_board_that_was_killed_runs_nothing_twice_and_forgets_nothing(bench):
    runner = bench.runner()
    for number in (1, 2, 3):
        bench.order(number)
    runner.step()
    again = bench.runner()
    again.step()
    assert bench.started == [["check", "student1"]] * 2
    assert bench.said()[-2:] == [(1, "interrupted"), (2, "running")]
    bench.processes[1].code = 0
    again.step()
    assert bench.said()[-2:] == [(2, "done"), (3, "running")]
    assert bench.said().count((3, "queued")) == 1


def test_a_note_is_kept_once(bench):
    bench.order(1, "note", text="asked\nabout it")
    bench.runner().step()
    bench.runner().step()
    assert bench.notes() == ["asked about it"]
    assert bench.started == []


def test_lines_that_are_no_orders_are_passed_over(bench):
    event_file.append(bench.path / "queue.jsonl", [*(f"{line}\n" for line in WRONG.values())])
    bench.order(1)
    bench.runner().step()
    assert bench.said() == [(1, "queued"), (1, "running")]


def test_a_flood_of_orders_ends(bench):
    for number in range(MOST_WAITING + 50):
        bench.order(number)
    bench.runner().step()
    assert len(bench.said()) == MOST_WAITING + 1

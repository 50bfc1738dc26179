"""Whatever was done to a machine, a reset makes it what a fresh one is, by either way."""

import json
import os
import random
import signal

import pytest

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from tests.support.reset_lab import SABOTAGES, differences
from tests.support.waiting import until

REACHABLE = [name for name, known in SABOTAGES.items() if isinstance(known, str)]
UNREACHABLE = [name for name in SABOTAGES if name not in REACHABLE]


def assert_as_fresh(lab, fresh):
    """See that each machine is what it was when it was fresh."""
    for machine, seen in lab.look().items():
        assert not differences(seen, fresh[machine]), machine
        assert seen["digest"] == fresh[machine]["digest"], machine


def test_there_are_enough_ways_to_break_a_machine():
    assert len(SABOTAGES) >= 60


@pytest.mark.parametrize("name", REACHABLE)
def test_converging_mends(lab, fresh, name):
    lab.sabotage(name)
    broken = lab.look()
    assert all(seen["digest"] != fresh[machine]["digest"] for machine, seen in broken.items())
    code, output = lab.reset("processes", "converge")
    assert code == 0, output
    assert_as_fresh(lab, fresh)


@pytest.mark.parametrize("name", UNREACHABLE)
def test_what_converging_cannot_mend_is_said_and_recreating_does(lab, fresh, name):
    known = lab.sabotage(name)
    code, output = lab.reset("processes", "converge")
    assert code != 0
    for student in lab.students():
        assert f"{student} cannot be reset by converging" in output
    assert known["unreachable"] in output.lower()
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert lab.came_from() == dict.fromkeys(lab.students(), "snapshot")
    assert_as_fresh(lab, fresh)


@pytest.mark.parametrize("name", REACHABLE)
def test_recreating_mends(lab, fresh, name):
    lab.sabotage(name)
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert_as_fresh(lab, fresh)


def test_homes_stay_and_mail_does_not(lab, fresh):
    for machine in lab.machines():
        machine.exec_run(["sh", "-c", WORK])
    for by in ("converge", "recreate"):
        code, output = lab.reset("processes", by)
        assert code == 0, output
        assert_as_fresh(lab, fresh)
        for machine in lab.machines():
            said = machine.exec_run(["sh", "-c", "cd /home/prof && ls -A1; stat -c %U work"])
            assert {"work", ".forward.before-reset"} <= set(said.output.decode().split())
            assert said.output.decode().split()[-1] == "prof"
            assert "Maildir" not in said.output.decode()


WORK = """
userdel prof; useradd -M -u 4242 -d /home/prof prof; chown -R prof /home/prof
cd /home/prof; echo mine > work; echo tech > .forward; mkdir -p Maildir/new; echo x > Maildir/new/1
chown -R prof work .forward Maildir
"""


def test_an_interrupted_reset_goes_on_the_next_time(lab, fresh):
    for by, begun in (("converge", lab.is_being_restored), ("recreate", lab.is_being_recreated)):
        process = lab.begin("reset", exercise="processes", reset_by=by)
        until(begun, seconds=120)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        code, output = lab.reset("processes", by)
        assert code == 0, output
        assert_as_fresh(lab, fresh)


def test_of_two_resets_at_once_one_is_refused_or_both_come_to_the_same(lab, fresh):
    runs = [lab.begin("reset", exercise="processes", reset_by="converge") for _number in range(2)]
    outputs = [run.communicate()[0] for run in runs]
    assert 0 in [run.returncode for run in runs], outputs
    for run, output in zip(runs, outputs):
        assert run.returncode == 0 or "another run is resetting this machine" in output, output
    assert_as_fresh(lab, fresh)


def test_a_silent_machine_is_named_and_the_other_is_checked_and_reset(lab, fresh):
    silent = lab.containers()[f"{lab.name}-student2"]
    silent.stop()
    code, _changed, output = lab.play("check", exercise="processes")
    assert code == 4, output
    report = json.loads((lab.folder / "reports" / "processes.json").read_text())
    assert list(report["problems"]) == ["student2"]
    assert list(report["machines"]) == ["student1"]
    assert all(each["outcome"] != "unchecked" for each in report["machines"]["student1"])
    code, output = lab.reset("processes", "converge")
    assert code != 0
    assert "student2 cannot be reset by converging" in output
    assert "student1 cannot be reset" not in output
    code, output = lab.reset("processes", "recreate")
    assert code == 0, output
    assert_as_fresh(lab, fresh)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_exercise_after_any_other(lab, seed):
    chosen = random.Random(seed).sample(sorted(catalogue()), 4)
    for exercise, other in zip(chosen, chosen[1:] + chosen[:1]):
        code, output = lab.reset(exercise, "recreate")
        assert code == 0, output
        wanted = lab.look()
        for to in (other, exercise):
            code, output = lab.reset(to, "converge")
            assert code == 0, output
        assert_as_fresh(lab, wanted)

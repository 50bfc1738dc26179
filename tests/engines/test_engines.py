"""A small lab on Incus and on LXD: what stands in the README does there what it does on Docker."""

import json
import subprocess

import pytest

CLIENTS = {"incus": "incus", "lxd": "lxc"}


@pytest.fixture(scope="module")
def first_output(lab):
    """What was printed as the lab came up."""
    return lab.up("STUDENTS=1")


def names_left(lab):
    """Whatever the engine has of the lab, in any of its projects."""
    found = []
    for kind in ("project", "network", "network acl"):
        words = [CLIENTS[lab.machines_on], *kind.split(), "list", "--format=json"]
        listing = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        found += [each["name"] for each in json.loads(listing)]
    return [name for name in found if lab.name in name]


def test_mail_was_seen_on_every_machine(lab, first_output):
    (line,) = [each for each in first_output.splitlines() if each.startswith(f"{lab.name}-student")]
    assert line.count("✓") == 5, line


def test_it_says_what_the_engine_means_for_trust(lab, first_output):
    assert "root is nobody on this computer" in first_output


def test_the_second_time_nothing_is_changed(lab, first_output):
    assert "nothing was changed" in lab.up()


def test_root_of_a_machine_is_nobody_on_the_host(lab, first_output):
    code, output = lab.command("shell", "student1", "cat", "/proc/self/uid_map")
    assert code == 0, output
    inside, outside, _count = output.split()[-3:]
    assert inside == "0"
    assert int(outside) >= 65536


def test_a_solved_exercise_is_checked_and_a_broken_one_caught(lab, first_output):
    code, output = lab.command("solve", "smtp_server", "student1")
    assert code == 0, output
    code, output = lab.command("check", "smtp_server", "student1")
    assert code == 0, output
    code, output = lab.command("shell", "student1", "systemctl", "stop", "postfix")
    assert code == 0, output
    code, output = lab.command("check", "smtp_server", "student1")
    assert code == 2, output


def test_a_reset_comes_from_a_snapshot_the_second_time(lab, first_output):
    outputs = []
    for _time in range(2):
        code, output = lab.command("reset", "student1")
        assert code == 0, output
        outputs.append(output)
    assert "from its snapshot" in outputs[1]
    digests = {output.rpartition("(digest ")[2].partition(")")[0] for output in outputs}
    assert len(digests) == 1


def test_what_was_stopped_is_there_again(lab, first_output):
    code, output = lab.command("shell", "student1", "touch", "/home/tech/work")
    assert code == 0, output
    code, output = lab.command("stop")
    assert code == 0, output
    lab.up()
    code, output = lab.command("shell", "student1", "ls", "/home/tech/work")
    assert code == 0, output


def test_nothing_is_left_behind(lab, first_output):
    assert names_left(lab)
    code, output = lab.make("down", *lab.own)
    assert code == 0, output
    assert names_left(lab) == []

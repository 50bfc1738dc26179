"""A reset by either way, the checks of a class, and a run that changes nothing, in a lab."""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import docker
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._docker import starting
from bench.classroom import NAME, NETWORK, classroom
from bench.row import Row
from tests.support.course_lab import Course

RELEASE = os.environ.get("DEBIAN", "12")
CLASS = int(os.environ.get("MACHINES", "20"))
ROUNDS = 3
AT_ONCE = 20
"""Machines that are worked on at once, as many as Ansible does (ansible.cfg)."""

HERE = Path(__file__).parent
EXERCISE = "smtp_server"
ARRIVAL_SECONDS = 60
RECREATE = "labs.mail.docker_machines"


def rows(console: Console) -> Iterator[Row]:
    """Measure."""
    console.print(f"  a lab of {CLASS}", style="dim")
    with classroom(CLASS, RELEASE) as lab:
        one = [f"{NAME}-student1"]
        lab.limit = "student1,localhost"
        _reset(lab, "recreate")
        console.print("  resets of one machine", style="dim")
        started, made_anew, container, converged, by_hand, pinged = [], [], [], [], [], []
        for _round in range(ROUNDS):
            started.append(_seconds(lambda: start_of_a_machine(lab)))
            pinged.append(_seconds(lambda: _ping(lab)))
            made_anew.append(_seconds(lambda: _reset(lab, "recreate")))
            container.append(lab.summary["seconds"][RECREATE])
            converged.append(_seconds(lambda: _reset(lab, "converge")))
            by_hand.append(_seconds(lambda: reset_by_hand(one[0])))
        start = "a container's start until systemd is up"
        yield from _with_and_without("reset by recreating", made_anew, pinged, started, start, 1.5)
        yield Row(
            "its task that creates containers", median(container), median(started), start, 1.5
        )
        yield Row("reset by converging", median(converged), median(by_hand), "a script by hand")
        console.print(f"  a class of {CLASS}", style="dim")
        lab.limit = "students,localhost"
        lab.bring(EXERCISE, "solution")
        checked, dialogues, unchanged, pinged = [], [], [], []
        for _round in range(ROUNDS):
            pinged.append(_seconds(lambda: _ping(lab)))
            dialogues.append(_seconds(lambda: dialogues_with_all(lab)))
            checked.append(_seconds(lambda: lab.check(EXERCISE)))
            unchanged.append(_seconds(lambda: lab.bring(EXERCISE, "solution")))
        checks = f"checks of {CLASS} machines"
        yield from _with_and_without(checks, checked, pinged, dialogues, "raw dialogues", 2)
        lab.limit = "student1,localhost"
        alone = [_seconds(lambda: lab.bring(EXERCISE, "solution")) for _round in range(ROUNDS)]
        each = median(unchanged) / CLASS
        yield Row(f"site.yml on each of {CLASS}", each, median(alone), "one machine alone")


def _with_and_without(
    name: str, ours: list[float], pings: list[float], floor: list[float], is_: str, goal: float
) -> Iterator[Row]:
    """Yield a row, one of a ping as Ansible's own share, and one without it."""
    own = median(pings)
    yield Row(name, median(ours), median(floor), is_, goal)
    yield Row("Ansible's own share: a ping", own, median(floor), is_)
    yield Row("the first without it", median(ours) - own, median(floor), is_, goal)


def _seconds(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def _reset(lab: Course, by: str) -> None:
    code, _changed, output = lab.play("reset", exercise="processes", reset_by=by)
    if code != 0:
        raise SystemExit(output)


def _ping(lab: Course) -> None:
    code, _changed, output = lab.play(str(HERE / "ping.yml"))
    if code != 0:
        raise SystemExit(output)


def start_of_a_machine(lab: Course) -> None:
    """Start a container as those of a lab, wait until systemd is up, and remove it."""
    engine = docker.from_env()
    about = engine.containers.get(f"{NAME}-student1").attrs
    like = about["HostConfig"]
    container = engine.containers.create(
        f"maillab/machine:{RELEASE}",
        about["Config"]["Cmd"],
        cap_add=like["CapAdd"],
        security_opt=like["SecurityOpt"],
        tmpfs=like["Tmpfs"],
        volumes=like["Binds"] or [],
        cgroupns=like["CgroupnsMode"],
    )
    try:
        starting.start(container, engine, docker)
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < deadline:
            said = container.exec_run(["systemctl", "is-system-running", "--wait"]).output
            if said.strip() in (b"running", b"degraded"):
                return
        raise SystemExit(f"systemd was not up: {said!r}")
    finally:
        container.remove(force=True)


def reset_by_hand(name: str) -> None:
    """Reset a machine by a shell script as an administrator would write it."""
    script = (HERE / "reset.sh").read_text() + (HERE / "student.sh").read_text()
    command = ["docker", "exec", "-i", name, "bash", "-s"]
    ran = subprocess.run(command, input=script, text=True, capture_output=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(ran.stderr[-3000:])


def dialogues_with_all(lab: Course) -> None:
    """Do with every machine what the checks of the exercise do, and nothing else."""
    numbers = range(1, CLASS + 1)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(dialogues_with, numbers))


def dialogues_with(number: int) -> None:
    """Speak with a machine: three greetings, three messages that arrive, two refusals."""
    address, domain = f"{NETWORK}.{10 + number}", f"student{number}.test"
    for _greeting in range(3):
        with socket.create_connection((address, 25), timeout=30) as connection:
            assert connection.recv(100).startswith(b"220 ")
    words = []
    for recipient in (f"prof@{domain}", f"tech@{domain}", f"prof@mail.{domain}"):
        words.append(uuid.uuid4().hex)
        with smtplib.SMTP(address, timeout=30) as server:
            server.sendmail("ami@example.org", [recipient], f"Subject: {words[-1]}\n\nx\n")
    for recipient in (f"personne@{domain}", "victime@example.org"):
        with contextlib.suppress(smtplib.SMTPRecipientsRefused):
            with smtplib.SMTP(address, timeout=30) as server:
                server.sendmail("ami@example.org", [recipient], "Subject: x\n\nx\n")
            raise SystemExit(f"{recipient} was taken")
    find = " && ".join(f"grep -qr {word} /var/mail" for word in words)
    wait = f"id tech prof; timeout {ARRIVAL_SECONDS} sh -c 'until {find}; do sleep 0.1; done'"
    subprocess.run(
        ["docker", "exec", f"{NAME}-student{number}", "sh", "-c", wait],
        stdout=subprocess.DEVNULL,
        check=True,
    )

"""No mail is lost in the chain, whichever of its daemons dies, hangs or is stopped meanwhile.

Some may arrive more than once: where a stage took a message and dies before it says so, or where
who handed it over dies before he writes down that it was taken, it is handed over again. SMTP
prefers that to a loss (RFC 1047), and so do Postfix's queue files and its pipe.
"""

import collections
import mailbox
import subprocess
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.chain.machine import Machine, until

MESSAGES = 1000
SENDERS = 8
SECONDS = 20
"""For which a daemon hangs, and for which it is stopped."""

DRAIN_SECONDS = 900

MARKS = ("X-Virus-Scanned", "X-Spam-Status")
"""Lines that the filters leave in a message, so that none went round them."""

POSTFIX = {"student1": "postfix@-", "student2": "postfix"}
"""Postfix's unit on each machine: Debian 12's postfix.service is an empty shell."""

DAEMONS = {
    "smtpd": "postfix",
    "qmgr": "postfix",
    "master": "postfix",
    "clamsmtpd": "clamsmtp",
    "clamd": "clamav-daemon",
    "spamd": "spamd",
}
"""The daemons by the names of their processes, each with its unit."""

RETURNS_ALONE = {"smtpd", "qmgr", "spamd"}
"""Those that master or systemd starts again; the others wait for an administrator."""


def kill(machine, daemon, unit):
    """Kill a daemon, and see to it that it is there again."""
    killed = machine.processes(daemon)
    machine.signal("KILL", daemon)
    if daemon not in RETURNS_ALONE:
        machine.systemctl("restart", unit)
    until(lambda: machine.processes(daemon) - killed)


def hang(machine, daemon, unit):
    """Have a daemon do nothing for a while, with all its connections open."""
    machine.signal("STOP", daemon)
    time.sleep(SECONDS)
    machine.signal("CONT", daemon)


def stop(machine, daemon, unit):
    """Stop a daemon's unit, and start it a while later."""
    machine.systemctl("stop", unit)
    time.sleep(SECONDS)
    machine.systemctl("start", unit)


@contextmanager
def sending(address, recipient):
    """Send messages for as long as this lasts; gives the Message-IDs of those that were taken."""
    script = Path(__file__).with_name("senders.py").read_text()
    argv = ["docker", "exec", "-i", "chain-world", "python3", "-c", script]
    argv += [address, recipient, str(MESSAGES), str(SENDERS)]
    accepted = []
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as ran:
        reader = threading.Thread(
            target=lambda: accepted.extend(line.strip() for line in ran.stdout)
        )
        reader.start()
        try:
            yield accepted
        finally:
            ran.stdin.close()
            reader.join()


def arrived(text, folder):
    """Return how often each Message-ID is in an mbox, and those of messages without marks."""
    path = Path(folder) / "mbox"
    path.write_bytes(text)
    found, unmarked = collections.Counter(), []
    for message in mailbox.mbox(path):
        word = str(message["Message-ID"]).strip("<>")
        found[word] += 1
        if not all(message[name] for name in MARKS):
            unmarked.append(word)
    return found, unmarked


def disturb(machine, units):
    """Disturb each daemon in each way; returns how many messages were in the queues each time."""
    queued = []
    for daemon, unit in units.items():
        for way in (kill, hang, stop):
            until(partial(machine.processes, daemon))
            queued.append(len(until(machine.queued)))
            way(machine, daemon, unit)
            machine.run("postqueue", "-f")
    return queued


def drain(machine):
    """Have what is in the queues sent, until there is nothing or it takes too long."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while machine.queued() and time.monotonic() < deadline:
        machine.run("postqueue", "-f")
        time.sleep(2)


@pytest.mark.parametrize("student", POSTFIX)
def test_no_mail_is_lost(chain, student, tmp_path, capsys):
    machines = chain.containers()
    machine, world = (Machine(machines[f"chain-{name}"]) for name in (student, "world"))
    machine.run("rm", "-f", "/var/mail/prof")
    units = {
        daemon: POSTFIX[student] if unit == "postfix" else unit for daemon, unit in DAEMONS.items()
    }
    with sending(f"172.30.188.{10 + int(student[-1])}", f"prof@{student}.test") as accepted:
        under_way = disturb(machine, units)
    drain(machine)
    found, unmarked = arrived(machine.run("cat", "/var/mail/prof"), tmp_path)
    missing = [word for word in accepted if word not in found]
    queued = [word for word in missing if machine.queued(word)]
    bounced = [word for word in missing if world.holds(word, "/var/mail/world")]
    lost = set(missing) - set(queued) - set(bounced)
    twice = [word for word in accepted if found[word] > 1]
    counts = {
        "accepted": len(accepted),
        "delivered": len(accepted) - len(missing),
        "queued": len(queued),
        "bounced": len(bounced),
        "more than once": len(twice),
        "lost": len(lost),
        "in the queues when a daemon was disturbed": f"{min(under_way)} to {max(under_way)}",
    }
    with capsys.disabled():
        told = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(f"\nCOUNTED {student}: {told}")
    assert len(accepted) >= MESSAGES
    assert not lost
    assert not unmarked

"""No mail is lost in the chain, whichever of its daemons dies, hangs or is restarted meanwhile."""

import collections
import mailbox
import subprocess
import threading
import time
from pathlib import Path

import pytest

MESSAGES = 1000
SENDERS = 8
HANG_SECONDS = 20
DEADLINE_SECONDS = 900

DAEMONS = {
    "smtpd": "postfix@-",
    "qmgr": "postfix@-",
    "master": "postfix@-",
    "clamsmtpd": "clamsmtp",
    "clamd": "clamav-daemon",
    "spamd": "spamd",
}
"""The daemons by the names of their processes, each with its unit on Debian 12."""


class Machine:
    """A student's machine in its container."""

    def __init__(self, container):
        self.container = container

    def run(self, *argv):
        """Run a command; returns what it prints."""
        return self.container.exec_run(list(argv)).output.decode("utf-8", "replace")

    def queued(self):
        """Return how many messages are in Postfix's queues."""
        return len(self.run("postqueue", "-j").splitlines())

    def holds(self, word, folder):
        """Tell whether a file in a folder has a word."""
        return bool(self.run("grep", "-rlF", word, folder).strip())

    def disturb(self, daemon):
        """Kill a daemon, hang it for a while, and restart its unit."""
        self.run("pkill", "-KILL", "-x", daemon)
        self.started(daemon)
        self.run("pkill", "-STOP", "-x", daemon)
        time.sleep(HANG_SECONDS)
        self.run("pkill", "-CONT", "-x", daemon)
        unit = DAEMONS[daemon]
        if unit not in self.run("systemctl", "list-units", "--plain", "--no-legend"):
            unit = {"postfix@-": "postfix", "spamd": "spamassassin"}.get(unit, unit)
        self.run("systemctl", "restart", unit)

    def started(self, daemon):
        """See to it that a daemon that was killed is there again, as an administrator would."""
        unit = DAEMONS[daemon]
        if "failed" in self.run("systemctl", "is-failed", unit):
            self.run("systemctl", "start", unit)


def arrived(text, folder):
    """Return the Message-IDs in an mbox, with how often each is there."""
    path = Path(folder) / "mbox"
    path.write_bytes(text)
    box = mailbox.mbox(path)
    return collections.Counter(str(message["Message-ID"]).strip("<>") for message in box)


@pytest.mark.parametrize("student", ["student1", "student2"])
def test_no_mail_is_lost(chain, student, tmp_path, capsys):
    machines = chain.containers()
    machine = Machine(machines[f"chain-{student}"])
    address = f"172.30.188.{10 + int(student[-1])}"
    machine.run("sh", "-c", "rm -f /var/mail/prof")
    script = Path(__file__).with_name("senders.py").read_text()
    argv = ["docker", "exec", "-i", "chain-world", "python3", "-"]
    argv += [address, f"prof@{student}.test", str(MESSAGES), str(SENDERS)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as sending:
        sending.stdin.write(script)
        sending.stdin.close()
        accepted = []
        reader = threading.Thread(
            target=lambda: accepted.extend(line.strip() for line in sending.stdout)
        )
        reader.start()
        for daemon in DAEMONS:
            machine.disturb(daemon)
        reader.join()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while machine.queued() and time.monotonic() < deadline:
        machine.run("postqueue", "-f")
        time.sleep(2)
    found = arrived(machine.container.exec_run(["cat", "/var/mail/prof"]).output, tmp_path)
    world = Machine(machines["chain-world"])
    missing = [word for word in accepted if word not in found]
    queued = [word for word in missing if machine.holds(word, "/var/spool/postfix")]
    bounced = [word for word in missing if world.holds(word, "/var/mail/world")]
    lost = set(missing) - set(queued) - set(bounced)
    twice = [word for word in accepted if found[word] > 1]
    with capsys.disabled():
        print(
            f"\n{student}: {len(accepted)} accepted, {len(accepted) - len(missing)} delivered, "
            f"{len(queued)} queued, {len(bounced)} bounced, {len(twice)} more than once, "
            f"{len(lost)} lost"
        )
    assert len(accepted) == MESSAGES
    assert not lost

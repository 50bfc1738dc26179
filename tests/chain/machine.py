"""A machine with all filters, its daemons and what is in its queue."""

import time

QUEUES = [f"/var/spool/postfix/{name}" for name in ("maildrop", "incoming", "active", "deferred")]
COMPLETE = ["-type", "f", "-perm", "-100"]
"""What find knows a message in a queue by: one that was not written to its end was never taken."""

DEADLINE_SECONDS = 90


def until(look):
    """Look until there is something, and return it; fails when there was nothing for too long."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (seen := look()):
        assert time.monotonic() < deadline, f"nothing in {DEADLINE_SECONDS} s"
        time.sleep(0.1)
    return seen


class Machine:
    """A machine in its container."""

    def __init__(self, container):
        self.container = container

    def run(self, *argv):
        """Run a command; returns what it prints to standard output, as bytes."""
        return self.container.exec_run(list(argv), stderr=False).output

    def processes(self, daemon):
        """Return the numbers of a daemon's processes."""
        return set(self.run("pgrep", "-x", daemon).decode().split())

    def signal(self, name, daemon):
        """Send a signal to all processes of a daemon."""
        self.run("pkill", f"-{name}", "-x", daemon)

    def systemctl(self, verb, unit):
        """Have systemd do something with a unit, which has to succeed."""
        code, output = self.container.exec_run(["systemctl", verb, unit])
        assert code == 0, output.decode()

    def queued(self, word=""):
        """Return the messages in the queues, only those with a word where there is one."""
        found = self.run("find", *QUEUES, *COMPLETE, "-exec", "grep", "-laF", word, "{}", "+")
        return found.decode().split()

    def holds(self, word, folder):
        """Tell whether a file in a folder has a word."""
        return bool(self.run("grep", "-rlF", word, folder))

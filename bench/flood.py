"""Runs in a machine: several senders write messages at once; prints what that took, as JSON.

Arguments: address, recipient, how many messages, and how many senders. Printed are the seconds
until all messages were in the mailbox, and the megabytes of each unit's processes by its name:
their PSS, in which a page that several processes share counts once.
"""

import collections
import concurrent.futures
import json
import os
import re
import smtplib
import sys
import time
from pathlib import Path

QUEUES = [f"/var/spool/postfix/{name}" for name in ("maildrop", "incoming", "active", "deferred")]
LONGEST_SECONDS = 600


def main(address, recipient, count, senders):
    """Send one message, and then all."""
    flood(address, recipient, 1, 1)
    seconds = flood(address, recipient, int(count), int(senders))
    print(json.dumps([seconds, memory()]))


def flood(address, recipient, count, senders):
    """Send messages, each in a session of its own; return the seconds until all were delivered."""
    mailbox = Path("/var/mail") / recipient.partition("@")[0]
    before = delivered(mailbox)
    started = time.monotonic()

    def send(number):
        text = f"From: ami@example.org\nTo: {recipient}\nSubject: {number}\n\n{'Bonjour. ' * 100}\n"
        with smtplib.SMTP(address, 25, "bench.test", timeout=60) as server:
            server.sendmail("ami@example.org", [recipient], text)

    with concurrent.futures.ThreadPoolExecutor(senders) as pool:
        list(pool.map(send, range(count)))
    while any(files for folder in QUEUES for _path, _folders, files in os.walk(folder)):
        if time.monotonic() > started + LONGEST_SECONDS:
            sys.exit(f"After {LONGEST_SECONDS} s not all messages were delivered.")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    if delivered(mailbox) != before + count:
        sys.exit(f"Of {count} messages {delivered(mailbox) - before} were delivered.")
    return seconds


def delivered(mailbox):
    """Return how many messages a mailbox has."""
    return mailbox.read_bytes().count(b"\nSubject: ") if mailbox.exists() else 0


def memory():
    """Return the megabytes of every unit by its name."""
    units: collections.defaultdict[str, float] = collections.defaultdict(float)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            unit = re.search(r"/([^/]+)\.service$", (process / "cgroup").read_text(), re.M)
            pss = re.search(r"^Pss: +(\d+) kB", (process / "smaps_rollup").read_text(), re.M)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if unit and pss:
            units[unit[1]] += int(pss[1]) * 1024 / 1e6
    return units


main(*sys.argv[1:])

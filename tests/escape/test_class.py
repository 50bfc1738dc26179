"""A class in which some hang, flood, lie and stand in for others: all others are graded as before.

CLASS=20 is a whole class, of which five are such.
"""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.support.escape_lab import EXEC_PYTHON, LIAR, Escape

SIZE = int(os.environ.get("CLASS", "6"))
SUBNET = "172.30.215.0/24"

RELAY = """
systemctl stop ssh.socket ssh
cat > /root/relay.py << 'EOF'
import os, socket, threading
def copy(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.shutdown(socket.SHUT_WR)
server = socket.create_server(("", 22))
while True:
    client, _address = server.accept()
    try:
        target = socket.create_connection((os.environ["HONEST"], 22), 5)
    except OSError:
        client.close()
        continue
    for pair in ((client, target), (target, client)):
        threading.Thread(target=copy, args=pair, daemon=True).start()
EOF
(setsid /usr/bin/python3 /root/relay.py > /dev/null 2>&1 &)
"""

FIFOS = """
cd /etc/postfix; rm -f main.cf /var/log/mail.log; mkfifo main.cf /var/log/mail.log
# Those that have read main.cf already would serve on.
pkill -x 'smtpd|cleanup|trivial-rewrite|local|pickup|qmgr'
"""

LIES = {
    "hangs": EXEC_PYTHON + "exec_python 'exec sleep 100000'",
    "floods": EXEC_PYTHON + "exec_python 'exec yes'",
    "stands in for student3": RELAY,
    "lies": LIAR,
    "has FIFOs": FIFOS,
}
"""What each liar does. Where there are few machines, the last ones are left out."""

FORGED = json.dumps({"results": []})


@pytest.fixture(scope="module")
def lab(copy):
    """A class, which is taken down at the end."""
    lab = Escape(copy, "escapeclass", SUBNET)
    lab.seconds = max(lab.seconds, 90 * SIZE)
    lab.make("down", *lab.own)
    lab.up(f"STUDENTS={SIZE}")
    yield lab
    lab.make("down", *lab.own)


def check(lab, seconds):
    """Check the class; return the outcomes and the problems of its machines, and the time."""
    begun = time.monotonic()
    lab.play("check", exercise="smtp_server", check_seconds=seconds)
    took = time.monotonic() - begun
    report = json.loads((lab.folder / "reports" / "smtp_server.json").read_text())
    outcomes = {
        host: [each["outcome"] for each in results] for host, results in report["machines"].items()
    }
    return outcomes, report["problems"], took


def test_liars_change_nothing_about_the_others(lab):
    before, problems, took = check(lab, 300)
    assert problems == {}
    assert len(before) == SIZE
    lies = list(LIES.items())[: 5 if SIZE >= 15 else SIZE // 2]
    # The first of the class, whose variables once were everybody's, and the last ones.
    names = ["student1", *(f"student{number}" for number in range(SIZE, SIZE - len(lies) + 1, -1))]
    liars = dict(zip(names, lies))
    for machine, (_name, script) in liars.items():
        lab.on(machine, script, FORGED)
    # Who hangs is waited for so long, and Ansible's own start comes on top of it.
    after, problems, with_liars = check(lab, round(1.25 * took))
    honest = {name: each for name, each in before.items() if name not in liars}
    print(f"COUNTED {len(honest)} honest of {SIZE}: {took:.0f} s, with liars {with_liars:.0f} s")
    assert {name: each for name, each in after.items() if name in honest} == honest
    assert with_liars <= 2 * took
    for machine, (name, _script) in liars.items():
        if name == "has FIFOs":
            assert after.get(machine) != before[machine], machine
        else:
            assert problems[machine]

"""A lab with Thunderbird on the machine of student1, on a screen that nobody sees."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from launcher import keys
from tests.lab.thunderbird.marionette import Marionette
from tests.lab.thunderbird.screen import ADDRESS, Screen
from tests.support.lab import ROOT, Lab
from tests.support.lab_secret import password_of

HERE = Path(__file__).parent

PREFERENCES = ROOT / "roles" / "classroom_desktop" / "files" / "user.js"

INSTALL = """
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends thunderbird xvfb
"""
START = """
mkdir profile
printf %s "$1" > profile/user.js
Xvfb :9 -screen 0 1000x700x24 &
until test -S /tmp/.X11-unix/X9; do sleep 0.1; done
exec thunderbird --profile profile --marionette --remote-allow-system-access >thunderbird.log 2>&1
"""


@pytest.fixture(scope="module")
def lab(copy):
    """A lab of two students, taken down at the end. DEBIAN=13 in the environment is heard."""
    lab = Lab(copy, "birdtest", "172.30.181.0/24")
    lab.make("down", *lab.own)
    lab.up("STUDENTS=2", f"DEBIAN={os.environ.get('DEBIAN', '12')}")
    yield lab
    lab.make("down", *lab.own)


@pytest.fixture(scope="module")
def on(lab):
    """Run a command on a machine as root; returns what it printed."""
    machines = lab.containers()

    def on(machine, *command):
        code, output = machines[f"birdtest-{machine}"].exec_run(list(command))
        assert code == 0, output.decode()
        return output.decode()

    return on


@pytest.fixture(scope="module")
def client(on):
    """Run the mail client of the tests on a machine."""
    source = (HERE.parent / "mail_client.py").read_text()
    return lambda machine, *words: on(machine, "python3", "-c", source, *words)


@pytest.fixture(scope="module")
def password(lab):
    """The password of the account that Thunderbird is set up for."""
    return password_of(lab.folder, "student1", "tech")


@pytest.fixture(scope="module")
def tunnel(lab):
    """A port here that leads to Marionette, which listens on the machine's own address alone."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    folder = lab.folder / ".keys"
    command = ["ssh", "-N", "-L", f"{port}:127.0.0.1:2828", "-i", str(folder / keys.USER_KEY)]
    command += ["-o", f"UserKnownHostsFile={folder / keys.KNOWN_HOSTS}", f"root@{ADDRESS}"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def screen(lab, on, tunnel):
    """Thunderbird's window at its first start, by tech on student1."""
    on("student1", "sh", "-ec", INSTALL)
    lab.containers()["birdtest-student1"].exec_run(
        ["sh", "-ec", START, "sh", PREFERENCES.read_text()],
        detach=True,
        user="tech",
        workdir="/home/tech",
        environment={"HOME": "/home/tech", "DISPLAY": ":9", "LANG": "C.UTF-8"},
    )
    screen = Screen(Marionette(tunnel), ROOT / "reports" / "thunderbird")
    screen.window("messenger.xhtml")
    return screen

"""Runs in a machine: starts a real master on a folder's master.cf, and asks our checks about it.

    python3 master_trial.py FOLDER [reload]

With ``reload`` master starts without services and reads master.cf when it is told to reload.
Prints JSON: whether master lived, and what our checks have against the file.
"""

import json
import os
import pwd
import signal
import subprocess
import sys
import time

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import checks as check
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.host import this_machine

MAIN_CF = """
queue_directory = {0}/queue
data_directory = {0}/data
maillog_file = {0}/log
maillog_file_prefixes = /tmp
inet_protocols = all
compatibility_level = 3.6
"""
PROGRAMS = "/usr/lib/postfix/sbin"
SECONDS_TO_LIVE = "1"


def put(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.utime(path, (time.time() - 3600,) * 2)


def lives(folder):
    """Tell whether master starts."""
    command = [f"{PROGRAMS}/master", "-w", "-e", SECONDS_TO_LIVE, "-c", folder]
    return subprocess.run(command, check=False).returncode == 0


def survives(folder, text):
    """Tell whether master, once started, lives on when it reads the file at a reload."""
    for seconds in (1, 5, 25):
        said = reload(folder, text, str(seconds))
        # On a busy machine its time was over before it read the signal.
        if "reload" in said:
            return "exit time has arrived" in said
    raise AssertionError(said)


def reload(folder, text, seconds_to_live):
    """Start a master, have it read the file, and return what it logged until it ended."""
    put(f"{folder}/master.cf", "")
    put(f"{folder}/log", "")
    process = subprocess.Popen([f"{PROGRAMS}/master", "-d", "-e", seconds_to_live, "-c", folder])
    deadline = time.monotonic() + 10
    while "started" not in read(f"{folder}/log") and time.monotonic() < deadline:
        time.sleep(0.01)
    put(f"{folder}/master.cf", text)
    process.send_signal(signal.SIGHUP)
    process.wait()
    return read(f"{folder}/log")


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def ours(text):
    """Return what our checks have against the file."""
    try:
        entries = master.parse(text.encode("utf-8", "surrogateescape"))[1]
    except ConfigError as error:
        return [str(error)]
    machine = this_machine({"daemon_directory": PROGRAMS})
    found = [error for entry in entries for error in check.errors(entry)]
    return [str(e) for e in found or [e for entry in entries for e in check.needs(entry, machine)]]


def main(folder, *reload):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name in ("data", "queue/pid", "queue/public", "queue/private"):
        os.makedirs(f"{folder}/{name}")
        os.chown(f"{folder}/{name}", pwd.getpwnam("postfix").pw_uid, 0)
    put(f"{folder}/main.cf", MAIN_CF.format(folder))
    text = read(f"{folder}/master.cf")
    alive = survives(folder, text) if reload else lives(folder)
    print(json.dumps([alive, ours(text)]))


main(*sys.argv[1:])

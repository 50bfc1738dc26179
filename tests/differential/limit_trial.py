"""Runs in a machine: which numbers the real programs of Postfix refuse, by what they log.

    unshare -m python3 limit_trial.py < JSON

The JSON is a list of parameters with values. Each is given to each program that knows the name, or
to one where all do, and the names are printed of those whose value a program refused.
"""

import concurrent.futures
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

SBIN = "/usr/lib/postfix/sbin/"
PROGRAMS = (
    *("anvil", "bounce", "cleanup", "discard", "dnsblog", "error", "flush", "local", "master"),
    *("oqmgr", "pickup", "pipe", "postlogd", "postscreen", "proxymap", "qmgr", "qmqpd"),
    *("scache", "showq", "smtp", "lmtp", "smtpd", "spawn", "tlsmgr", "tlsproxy"),
    *("trivial-rewrite", "verify", "virtual"),
)
ALL_KNOW_IT = ["cleanup"]
AT_ONCE = 24
SECONDS = 5
REFUSED = re.compile(r"fatal: (?:invalid|bad \w+ configuration:|parameter) (\w+)")


def programs_by_name():
    """Return the programs by the names of parameters that stand in them."""
    found = {}
    for program in PROGRAMS:
        with open(SBIN + program, "rb") as file:
            for word in re.findall(rb"(?<=\0)[a-z0-9_]+(?=\0)", file.read()):
                found.setdefault(word.decode(), []).append(program)
    return found


def listen(said):
    """Take the place of syslog in this mount namespace, and keep what programs say."""
    with open("/dev/log", "a"):
        pass  # what is mounted over has to be there
    path = tempfile.mkdtemp() + "/log"
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(path)
    os.chmod(path, 0o666)
    subprocess.run(["mount", "--bind", path, "/dev/log"], check=True)

    def hear():
        while True:
            said.append(log.recv(65536).decode("utf-8", "replace"))

    threading.Thread(target=hear, daemon=True).start()


def start(program, name, value):
    """Start a program by hand, which reads its parameters before it dies of having no master."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(f"{folder}/main.cf", "w") as file:
            file.write(f"compatibility_level = 3.6\n{name} = {value}\n")
        with open(f"{folder}/master.cf", "w"):
            pass
        command = ["timeout", str(SECONDS), SBIN + program]
        subprocess.run(
            command,
            env={**os.environ, "MAIL_CONFIG": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def main():
    said = []
    listen(said)
    known = programs_by_name()
    asked = json.load(sys.stdin)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for name, value in asked:
            for program in known.get(name, ALL_KNOW_IT):
                pool.submit(start, program, name, value)
    print(json.dumps(sorted(set(REFUSED.findall("\n".join(said))))))


main()

"""A lab in which students attack, and a copy of the checkout whose walls can be taken away."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import shlex
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.labs.mail.plugins.module_utils._provider import walls
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from tests.support.course_lab import Course

DIRECTORY = Path(__file__).resolve().parents[1] / "escape"
ATTEMPTS = yaml.safe_load((DIRECTORY / "attempts.yml").read_text())
WALLS = yaml.safe_load((DIRECTORY / "walls.yml").read_text())

SECONDS = 90
"""A command of the teacher that takes longer is one that a student holds up."""

LONG = "x" * 1_500_000
MANY = [
    f"Nov 29 10:00:00 x postfix/cleanup[1]: {number:06X}: message-id=<x>"
    for number in range(60_000)
]
WRITTEN = {"LONG": LONG, "MANY": MANY, "SOME": MANY[:19_000]}
"""What is too long for the attempts' file; of some lines a machine may tell, of many it may not."""

PYTHON = "/usr/bin/python3"

LIAR = f"""
test -e {PYTHON}.away || mv {PYTHON} {PYTHON}.away
cat > /root/answer
printf '#!/bin/sh\\ncat > /dev/null\\ncat /root/answer\\n' > {PYTHON}
chmod 755 {PYTHON}
"""

EXEC_PYTHON = f"""
exec_python() {{
  test -e {PYTHON}.away || mv {PYTHON} {PYTHON}.away
  printf '#!/bin/sh\\n%s\\n' "$1" > {PYTHON}
  chmod 755 {PYTHON}
}}
"""

CLEAN_UP = f"""
pkill -f '/bin/s[h] {PYTHON}'
test -e {PYTHON}.away && mv -f {PYTHON}.away {PYTHON}
test -e /root/postfix.away && rm -rf /etc/postfix && cp -a /root/postfix.away /etc/postfix
test -e /var/log/mail.log.away && mv -f /var/log/mail.log.away /var/log/mail.log
rm -rf /var/log/mail.log.[37]* /etc/mine /etc/f /etc/f.tmp /etc/victim
rm -rf /home/tech/f /home/tech/f.tmp /home/tech/mine*
test -e /root/postfix.away || cp -a /etc/postfix /root/postfix.away
"""

ASK = """
/usr/bin/python3 -c '
import os, socket, sys
with socket.create_connection((os.environ["WORLD"], 4025), 60) as connection:
    connection.sendall(sys.stdin.read().encode() + b"\\n")
    print(connection.makefile().readline())'
"""

MAIL = """
cd /var/mail/world/pub.fr/new 2> /dev/null || {
  mkdir -p /var/mail/world/pub.fr/new /var/mail/world/pub.fr/cur /var/mail/world/pub.fr/tmp
  cd /var/mail/world/pub.fr/new
}
message() {
  printf 'Return-Path: <tech@a.test>\\nDelivered-To: %s\\n' "$1" > "$5"
  printf 'Received: from a (unknown [%s])\\n' "$2" >> "$5"
  printf '\\tby world\\nSubject: %s\\n\\n%s\\n' "$3" "$4" >> "$5"
}
net=${HONEST%.*}
message x@pub.fr "$HONEST" Subject PASSWORD-OF-HONEST 1.of.honest
message y@pub.fr "$net.11" 'fuel aaaaaaaaaaaaaaaaaaaaaaaaaaaa!' fuel 2.of.student1
message y@pub.fr "$net.12" 'fuel aaaaaaaaaaaaaaaaaaaaaaaaaaaa!' fuel 2.of.student2
chown -R mail:mail /var/mail/world/pub.fr
"""

SERVE_8080 = """
cd /; mkdir -p /srv/marker; echo HONEST-MARKER > /srv/marker/index.html
(setsid python3 -m http.server --bind :: --directory /srv/marker 8080 > /dev/null 2>&1 &)
"""

RCPT = """
import smtplib, sys
with smtplib.SMTP(sys.argv[1], 25, "student.test", 60) as server:
    server.helo()
    server.mail("tech@student1.test")
    print(*server.docmd("RCPT TO:<%s>" % sys.argv[2]))
"""


MARKER = "HOST-MARKER"
"""What a service of the host says, which listens on every address that the host has."""


def _below(pid: int) -> list[int]:
    """Return the processes that a process has begun, and those that these have."""
    result = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    children = [int(each) for each in result.stdout.split()]
    return [*(one for child in children for one in _below(child)), *children]


def link_collection(folder: Path) -> None:
    """Have Ansible find the collection in a copy of the checkout, as toolchain/setup does."""
    place = folder / ".cache" / "ansible_collections" / "labs" / "mail"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(folder)


class Escape(Course):
    """A lab with a hostile machine of each release, and an honest one."""

    limit = "all"
    honest = "student3"
    hostile = ("student1", "student2")
    port = 0
    host6 = ""

    def on(self, machine: str, script: str, given: str = "", above_all: bool = False) -> str:
        """Run a script as root on a machine, or here; returns what it printed.

        Root has what every process of a machine has, whoever starts it, or all that there is.
        """
        names = [word for each in self.places().items() for word in ("-e", "=".join(each))]
        program = ["bash", "-c", script]
        container = f"{self.name}-{machine}"
        if above_all:
            # The engine gives no more than it has itself; who is root here has what there is.
            pid = self.engine.containers.get(container).attrs["State"]["Pid"]
            program = ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", *program]
        elif machine != "here":
            program = ["docker", "exec", "-i", *names, container, *program]
        result = subprocess.run(
            program,
            input=given.encode(),
            env={**os.environ, **self.places()},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return (result.stdout + result.stderr).decode(errors="replace")

    def places(self) -> dict[str, str]:
        """Return the addresses that scripts know, as variables of the environment."""
        net = ipaddress.ip_network(self.own[1].partition("=")[2])
        to_host, forwarded = walls.chains(self.name)
        return {
            "LAB": self.name,
            "GATEWAY": str(net[1]),
            "WORLD": str(net[2]),
            "HONEST": str(net[13]),
            "HONEST6": _link_local(bytes([2, 0x42, *net[13].packed])),
            "HOST6": self.host6,
            "PORT": str(self.port),
            "IN": to_host,
            "FW": forwarded,
        }

    @contextlib.contextmanager
    def open_host(self) -> Iterator[None]:
        """Serve a port of the host at each of its addresses, and give machines a way to them.

        The way is IPv6, which a student's machine cannot give itself.
        """
        (network,) = self.networks()
        bridge = f"br-{network.id[:12]}"
        self.on("here", f"sysctl -qw net.ipv6.conf.{bridge}.disable_ipv6=0")
        mac = Path(f"/sys/class/net/{bridge}/address").read_text()
        self.host6 = _link_local(bytes.fromhex(mac.strip().replace(":", "")))
        with socketserver.ThreadingTCPServer(("::", 0), Marker, bind_and_activate=False) as server:
            server.socket = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
            server.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            server.server_bind()
            server.server_activate()
            self.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, daemon=True).start()
            for machine in (*self.hostile, self.honest):
                inside = f"{self.name}-{machine}"
                script = f"""
                    pid=$(docker inspect -f '{{{{.State.Pid}}}}' {inside})
                    nsenter -t "$pid" -n sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
                """
                self.on("here", script)
            self.on(self.honest, SERVE_8080)
            yield
            server.shutdown()

    def teacher(
        self, folder: Path, command: list[str], seconds: float = SECONDS
    ) -> tuple[int, str]:
        """Run one of Ansible's commands in a checkout; 124 is the code of one that was held up."""
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={
                **{name: each for name, each in os.environ.items() if "ANSIBLE" not in name},
                "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
                "ANSIBLE_INVENTORY": str(self.folder / "inventories" / "containers"),
                "PWD": str(folder),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # As bytes: Python would take a carriage return for the end of a line.
        try:
            output, code = process.communicate(timeout=seconds)[0], process.returncode
        except subprocess.TimeoutExpired:
            # Ansible's workers have sessions of their own, and would go on.
            for each in (*_below(process.pid), process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, 9)
            output, code = process.communicate()[0], 124
        return code, output.decode(errors="surrogateescape")

    def attempt(self, name: str, folder: Path, open_walls: bool = False) -> bool:
        """Make an attempt on each release against a checkout; tell whether it got through."""
        attempt = ATTEMPTS[name]
        said = self._do(attempt, open_walls and "above_all" in WALLS[attempt["wall"]])
        if "before" in attempt:
            subprocess.run(["bash", "-c", attempt["before"]], cwd=folder, check=True)
        code, output = self._teach(attempt, folder)
        if "then" in attempt:
            said += "".join(self.on(machine, attempt["then"]) for machine in self.hostile)
        for machine in self.hostile:
            self.on(machine, CLEAN_UP)
        for path, text in (("output", output), ("said", said)):
            (folder / path).write_bytes(text.encode(errors="surrogateescape"))
        variables = {"output": "output", "said": "said", "code": str(code), "honest": self.honest}
        through = subprocess.run(
            ["bash", "-c", attempt["never"]],
            cwd=folder,
            env={**os.environ, **self.places(), **variables},
            check=False,
            capture_output=True,
        )
        subprocess.run(
            [
                "rm",
                "-rf",
                "evil",
                "/tmp/labs.mail-precious",
                "reports",
                "inventories/containers/evil",
            ],
            cwd=folder,
            check=True,
        )
        return through.returncode == 0

    def _do(self, attempt: dict, above_all: bool) -> str:
        said = ""
        for machine in self.hostile:
            self.on(machine, CLEAN_UP)
            if "answer" in attempt:
                text = json.dumps(_filled(attempt["answer"])) + "\n" + attempt.get("junk", "")
                self.on(machine, LIAR, text)
            if "does" in attempt:
                said += self.on(machine, EXEC_PYTHON + attempt["does"], above_all=above_all)
            if attempt["wall"] in ("own_mail", "search"):
                self.on("world", MAIL)
            if "asks" in attempt:
                said += self.on(machine, ASK, json.dumps(attempt["asks"]))
            if "rcpt" in attempt:
                address = shlex.quote(attempt["rcpt"])
                world = f"python3 - world.test {address}"
                said += self.on(machine, world, RCPT)
        return said

    def _teach(self, attempt: dict, folder: Path) -> tuple[int, str]:
        programs = folder / ".venv" / "bin"
        if "teacher" in attempt:
            playbook, *words = shlex.split(attempt["teacher"])
            command = [str(programs / "ansible-playbook"), f"playbooks/{playbook}.yml", *words]
            return self.teacher(folder, command, attempt.get("seconds", SECONDS))
        if "module" in attempt:
            module, _space, words = attempt["module"].partition(" ")
            name, _equals, value = words.partition("=")
            arguments = {name: json.loads(value) if value[:1] in "[{" else value} if name else {}
            command = ["ansible", ",".join(self.hostile), "-m", f"labs.mail.{module}"]
            command[0] = str(programs / "ansible")
            command += ["-a", json.dumps(arguments)] if arguments else []
            return self.teacher(folder, command, attempt.get("seconds", SECONDS))
        return 0, ""

    def opens_machines(self, wall: str) -> bool:
        """Tell whether a wall stands in the lab, and not in a checkout."""
        return bool({"open", "above_all"} & set(WALLS[wall]))

    def take_away(self, wall: str, folder: Path) -> None:
        """Take a wall away from a checkout, or from a machine of the lab."""
        how = WALLS[wall]
        for path in how.get("remove", ()):
            (folder / path).unlink()
        for edit in how.get("edits", ()):
            text = (folder / edit["path"]).read_text()
            assert edit["old"] in text, f"{edit['path']} has changed: {edit['old']}"
            (folder / edit["path"]).write_text(text.replace(edit["old"], edit["new"], 1))
        if "open" in how:
            self.on(how["at"], how["open"])
            time.sleep(1)  # Postfix's old processes serve those who are connected.

    def put_back(self, wall: str) -> None:
        """Put a wall of a machine back."""
        if "close" in WALLS[wall]:
            self.on(WALLS[wall]["at"], WALLS[wall]["close"])
            time.sleep(1)


def _link_local(mac: bytes) -> str:
    """Return the IPv6 address of the link that an interface gives itself (RFC 4291, appendix A)."""
    return f"fe80::{bytes([mac[0] ^ 2, *mac[1:3], 0xFF, 0xFE, *mac[3:]]).hex(':', 2)}"


class Marker(socketserver.StreamRequestHandler):
    """Says that a service of the host was reached."""

    def handle(self) -> None:
        """Say so."""
        self.wfile.write(f"{MARKER}\n".encode())


def _filled(value: object) -> object:
    """Put what is too long to be written into an answer."""
    if isinstance(value, dict):
        return {name: _filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if isinstance(value, str) and value.startswith("PASSES OF "):
        return [_passed(check) for check in catalogue()[value.removeprefix("PASSES OF ")].checks]
    return WRITTEN.get(value, value) if isinstance(value, str) else value


def _passed(check: Mapping[str, Any]) -> dict[str, Any]:
    words = {"fr": "x", "en": "x"}
    sentences = dict.fromkeys(("title", "tried", "expected", "seen"), words)
    return {"name": check["name"], "outcome": "passed", "seconds": 0.1, **sentences}

"""A lab in which students attack, and a copy of the checkout whose walls can be taken away."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from pathlib import Path

import yaml

from tests.support.course_lab import Course

DIRECTORY = Path(__file__).resolve().parents[1] / "escape"
ATTEMPTS = yaml.safe_load((DIRECTORY / "attempts.yml").read_text())
WALLS = yaml.safe_load((DIRECTORY / "walls.yml").read_text())

SECONDS = 90
"""A command of the teacher that takes longer is one that a student holds up."""

LONG = "x" * 1_500_000
MANY = ["Nov 29 10:00:00 x postfix/smtp[1]: 4F1B2: to=<x>, message-id=<x>"] * 60_000

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
rm -rf /var/log/mail.log.[37]* /etc/mine /etc/f /etc/f.tmp
rm -rf /home/tech/f /home/tech/f.tmp /home/tech/mine*
test -e /root/postfix.away || cp -a /etc/postfix /root/postfix.away
"""

RCPT = """
import smtplib, sys
with smtplib.SMTP(sys.argv[1], 25, "student.test", 60) as server:
    server.helo()
    server.mail("tech@student1.test")
    print(*server.docmd("RCPT TO:<%s>" % sys.argv[2]))
"""


class Escape(Course):
    """A lab with a hostile machine of each release, and an honest one."""

    limit = "all"
    honest = "student3"
    hostile = ("student1", "student2")

    def on(self, machine: str, script: str, given: str = "") -> str:
        """Run a script as root on a machine, in the way of the engine; returns what it printed."""
        result = subprocess.run(
            ["docker", "exec", "-i", f"{self.name}-{machine}", "bash", "-c", script],
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return result.stdout + result.stderr

    def teacher(self, folder: Path, command: list[str]) -> tuple[int, str]:
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
            text=True,
            errors="surrogateescape",
            start_new_session=True,
        )
        try:
            output = process.communicate(timeout=SECONDS)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return 124, process.communicate()[0]
        return process.returncode, output

    def attempt(self, name: str, folder: Path) -> bool:
        """Make an attempt on each release against a checkout; tell whether it got through."""
        attempt = ATTEMPTS[name]
        said = self._do(attempt)
        if "before" in attempt:
            subprocess.run(["bash", "-c", attempt["before"]], cwd=folder, check=True)
        code, output = self._teach(attempt, folder)
        if "then" in attempt:
            said += "".join(self.on(machine, attempt["then"]) for machine in self.hostile)
        for machine in self.hostile:
            self.on(machine, CLEAN_UP)
        for path, text in (("output", output), ("said", said)):
            (folder / path).write_text(text, errors="surrogateescape")
        variables = {"output": "output", "said": "said", "code": str(code), "honest": self.honest}
        through = subprocess.run(
            ["bash", "-c", attempt["never"]],
            cwd=folder,
            env={**os.environ, **variables},
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

    def _do(self, attempt: dict) -> str:
        said = ""
        for machine in self.hostile:
            self.on(machine, CLEAN_UP)
            if "answer" in attempt:
                text = json.dumps(_filled(attempt["answer"])) + "\n" + attempt.get("junk", "")
                self.on(machine, LIAR, text)
            if "does" in attempt:
                said += self.on(machine, EXEC_PYTHON + attempt["does"])
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
            return self.teacher(folder, command)
        if "module" in attempt:
            module, _space, words = attempt["module"].partition(" ")
            name, _equals, value = words.partition("=")
            arguments = {name: json.loads(value) if value[:1] in "[{" else value} if name else {}
            command = ["ansible", ",".join(self.hostile), "-m", f"labs.mail.{module}"]
            command[0] = str(programs / "ansible")
            return self.teacher(folder, [*command, "-a", json.dumps(arguments)])
        return 0, ""

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


def _filled(value: object) -> object:
    """Put what is too long to be written into an answer."""
    if isinstance(value, dict):
        return {name: _filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    return {"LONG": LONG, "MANY": MANY}.get(value, value) if isinstance(value, str) else value

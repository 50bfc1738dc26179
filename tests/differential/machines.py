"""A machine with the real Postfix of a Debian release, which answers many questions at once.

Starting anything in a container costs 0.1 s, so that a test asks all its cases together:

    answers = machine.ask([Case({"main.cf": data}, [["postconf", "-c", "{dir}", "-n"]]), …])
    answers[0].results[0].stdout
"""

from __future__ import annotations

import io
import itertools
import json
import os
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible.module_utils as ansible_utils

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PACKAGES = ("postfix", "postfix-pcre", "postfix-lmdb", "postfix-cdb")
PYTHONPATH = "/opt/python"


@dataclass
class Case:
    """Files by name, and the commands (argv, or argv and standard input) to run beside them.

    ``keep`` names files whose contents, once the commands have run, come back in the answer.
    """

    files: dict[str, bytes]
    commands: list[list[str] | tuple[list[str], bytes]]
    keep: list[str] = field(default_factory=list)


@dataclass
class Result:
    """What one command gave; ``code`` is None where it took too long."""

    code: int | None
    stdout: bytes
    stderr: bytes


@dataclass
class Answer:
    """What the commands of a case gave, and the files that it kept."""

    results: list[Result]
    files: dict[str, bytes]


class Machine:
    """A container with Postfix in it; nothing in it runs until a test starts it."""

    def __init__(self, release: str, container: Any) -> None:
        self.release = release
        self.container = container
        self.jobs = itertools.count()
        self.push({"/opt/asked.py": (HERE / "asked.py").read_bytes()})

    def push_collection(self) -> None:
        """Put the collection, and what its modules need of Ansible, where Python finds them."""
        ours = self._below(ROOT / "plugins", f"{PYTHONPATH}/ansible_collections/labs/mail/plugins")
        ansible = self._below(
            Path(ansible_utils.__file__).parent, f"{PYTHONPATH}/ansible/module_utils"
        )
        self.push({f"{PYTHONPATH}/ansible/__init__.py": b"", **ansible, **ours})

    @staticmethod
    def _below(folder: Path, target: str) -> dict[str, bytes]:
        return {
            f"{target}/{path.relative_to(folder)}": path.read_bytes()
            for path in folder.rglob("*.py")
        }

    def push(self, files: dict[str, bytes]) -> None:
        """Write files by their absolute paths; missing folders are made."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path, data in files.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mode = len(data), 0o644
                archive.addfile(entry, io.BytesIO(data))
        assert self.container.put_archive("/", buffer.getvalue())

    def pull(self, path: str) -> bytes:
        """Return the content of a file."""
        stream, _about = self.container.get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            member = archive.next()
            content = archive.extractfile(member) if member else None
            assert content is not None, path
            return content.read()

    def ask(self, cases: list[Case], timeout: float = 30, at_once: int = 8) -> list[Answer]:
        """Run the commands of every case, several cases at once; ``timeout`` is for a command.

        Postfix's programs sleep for 1 s before they die, so that more than two at once gain time.
        """
        job = {
            "timeout": timeout,
            "at_once": at_once,
            "cases": [
                {
                    "files": {name: _text(data) for name, data in case.files.items()},
                    "commands": [_command(command) for command in case.commands],
                    "keep": case.keep,
                }
                for case in cases
            ],
        }
        path = f"/tmp/job-{next(self.jobs)}.json"
        self.push({path: json.dumps(job).encode()})
        # Into a file: of a command that is over at once the engine sometimes loses the output.
        command = ["sh", "-c", 'python3 /opt/asked.py "$1" > "$1.out"', "sh", path]
        code, complained = self.container.exec_run(command)
        assert code == 0, (complained or b"").decode()
        return [
            Answer(
                [Result(code, _bytes(out), _bytes(error)) for code, out, error in results],
                {name: _bytes(text) for name, text in files.items()},
            )
            for results, files in json.loads(self.pull(f"{path}.out"))
        ]

    def run(self, argv: list[str], stdin: bytes = b"", timeout: float = 60) -> Result:
        """Run one command."""
        return self.ask([Case({}, [(argv, stdin)])], timeout)[0].results[0]


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _command(command: list[str] | tuple[list[str], bytes]) -> tuple[list[str], str]:
    argv, stdin = command if isinstance(command, tuple) else (command, b"")
    return [_text(os.fsencode(word)) for word in argv], _text(stdin)

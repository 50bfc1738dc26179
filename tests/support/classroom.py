"""A class that is open, and students who come to its gate with ssh(1) from their own computers."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import secrets
import signal
import socket
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pypdf import PdfReader

from launcher import keys
from tests.support.lab import Lab
from tests.support.waiting import until

SECONDS = 30
GATE = 5
"""The last byte of the gate's address on the lab's network."""

OPTIONS = {
    "BatchMode": "no",
    "ConnectTimeout": "10",
    "ExitOnForwardFailure": "yes",
    "IdentitiesOnly": "yes",
    "NumberOfPasswordPrompts": "1",
    "StrictHostKeyChecking": "yes",
}

CONTROLS = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")
"""What moves a terminal's cursor, colours what follows, or sets how it works."""

ASK = """\
#!/bin/sh
echo asked >> "$0.log"
printf '%s\\n' "$WORDS"
"""


@dataclass(frozen=True)
class Student:
    """Who types an account's name and words, at a computer with ssh(1) and a directory."""

    directory: Path
    account: str
    words: str
    address: str
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, *options: str, tool: str = "ssh") -> list[str]:
        """Return the call of ssh(1) or of one of its tools, without where it goes."""
        known = {**OPTIONS, "UserKnownHostsFile": str(self.directory / "known_hosts")}
        given = [word for name, value in known.items() for word in ("-o", f"{name}={value}")]
        port = ["-p" if tool == "ssh" else "-P", str(self.port)]
        return [tool, "-F", "none", *given, *port, *options]

    @property
    def target(self) -> str:
        """Where it goes."""
        return f"{self.account}@{self.address}"

    def start(self, *options: str, words: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Start ssh(1)."""
        return self.popen([*self.command(*options), self.target, *words])

    def popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a command that asks for the words."""
        ask = self.directory / "ask"
        if not ask.exists():
            ask.write_text(ASK)
            ask.chmod(0o700)
        pipe = subprocess.PIPE
        asking = {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "WORDS": self.words}
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm", **asking, **self.environment}
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)

    def run(self, *options: str, words: tuple[str, ...] = (), given: bytes = b"") -> Said:
        """Run ssh(1) to its end."""
        return ended(self.start(*options, words=words), given)

    def tool(self, tool: str, *words: str, given: bytes = b"") -> Said:
        """Run sftp(1) or scp(1) to its end."""
        return ended(self.popen([*self.command(tool=tool), *words]), given)

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator[Terminal]:
        """Log in, and look at what is on the screen until the end."""
        found = Terminal(self.start("-tt", *options))
        try:
            yield found
        finally:
            found.cut()

    def through(self, target: str) -> Said:
        """Connect to a host and port behind the gate; end once something greets."""
        process = self.start("-W", target)
        greeting = _first(process)
        process.kill()
        complained = process.stderr.read() if process.stderr else b""
        process.wait()
        return Said(process.returncode, greeting, complained)

    @contextlib.contextmanager
    def forwarding(self, *options: str, port: int) -> Iterator[None]:
        """Have ssh(1) listen at a port of this computer, until the end."""
        process = self.start("-N", *options)
        try:
            until(lambda: process.poll() is not None or _listens(port))
            assert process.poll() is None, process.communicate()
            yield
        finally:
            process.kill()
            process.communicate()


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    output: bytes
    complaint: bytes


class Terminal:
    """What a student sees of a terminal, and types."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.seen = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        # The end of a terminal, as the end of a pipe: EIO.
        with contextlib.suppress(OSError):
            while some := os.read(self.process.stdout.fileno(), 65536):
                self.seen += some

    def type(self, text: str) -> None:
        """Type a line."""
        self.press(f"{text}\r")

    def press(self, keys: str) -> None:
        """Press keys."""
        assert self.process.stdin
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    @property
    def text(self) -> str:
        """What came to the screen, without what moves the cursor and colours."""
        return CONTROLS.sub("", self.seen.decode(errors="replace"))

    def find(self, pattern: str, seconds: int = SECONDS) -> re.Match[str]:
        """Wait until something is on the screen, and return it."""
        look = re.compile(pattern).search
        found = look(until(lambda: self.text, look, seconds))
        assert found
        return found

    def ask(self, command: str) -> str:
        """Type a command, and return the line that it prints."""
        mark = secrets.token_hex(4)
        # What is typed is on the screen too, and is not the answer; nor is what was asked before.
        self.type(f"\x15echo '<''{mark}:'\"$({command})\"':{mark}''>'")
        return self.find(f"(?s)<{mark}:(.*?):{mark}>")[1]

    def cut(self) -> None:
        """End as a computer ends whose plug is pulled."""
        self.process.kill()
        self.process.wait()
        self._reader.join(SECONDS)


class Room(Lab):
    """A lab whose class is open."""

    port, page_port = 2222, 8443
    said = ""

    def host(self, number: int) -> str:
        """Return an address of the lab's network."""
        return self.own[1].partition("=")[2].rpartition(".")[0] + f".{number}"

    def open(self, port: int) -> str:
        """Open the class at a port of this computer; return what was printed."""
        self.port, self.page_port = port, free_port()
        ports = ["--port", str(port), "--page-port", str(self.page_port)]
        words = ["--students-are-trusted", "--address", "127.0.0.1", *ports]
        code, self.said = self.command("class", *words)
        assert code == 0, self.said
        return self.said

    @contextlib.contextmanager
    def teacher(self, *words: str) -> Iterator[Terminal]:
        """Run ./lab in a terminal of the teacher's."""
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            ["./lab", *words],
            cwd=self.folder,
            env={**os.environ, "TERM": "xterm", "LAB_LANGUAGE": "en"},
            stdin=its,
            stdout=its,
            stderr=its,
            start_new_session=True,
        )
        os.close(its)
        process.stdin = process.stdout = os.fdopen(ours, "r+b", buffering=0)
        found = Terminal(process)
        try:
            yield found
        finally:
            # All of it goes, as where the teacher closes the window.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGHUP)
            process.wait(SECONDS)
            process.stdin.close()

    def card(self, number: int) -> dict[str, str]:
        """Return what a student reads on the card."""
        code, output = self.command("cards", f"student{number}")
        assert code == 0, output
        content = (self.folder / "reports" / "cards.pdf").read_bytes()
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        login = re.search(r"ssh -p (\d+) ([a-z0-9]+)@([0-9.]+)", text)
        words = re.search(r"[a-z]{5}-[a-z]{5}-[a-z]{5}", text)
        fingerprint = re.search(r"SHA256:[A-Za-z0-9+/]{43}", text)
        assert login and words and fingerprint, text
        names = ("port", "account", "address", "words", "fingerprint")
        return dict(zip(names, [*login.groups(), words[0], fingerprint[0]]))

    def student(self, number: int, directory: Path, card: dict[str, str]) -> Student:
        """Return a student who has a card, and compares the gate's key with it."""
        directory.mkdir(exist_ok=True)
        known = directory / "known_hosts"
        scan = ["ssh-keyscan", "-t", "ed25519", "-p", card["port"], card["address"]]
        told = subprocess.run(scan, capture_output=True, text=True, check=True).stdout
        # Of OpenSSH 9.8 and later comments come with the keys.
        known.write_text("".join(each for each in told.splitlines(True) if each[0] != "#"))
        line = known.read_text().split(" ", 1)[1]
        (directory / "gate.pub").write_text(line)
        assert keys.fingerprint(directory / "gate.pub") == card["fingerprint"]
        # The gate's address on the lab's network, by which this computer reaches it too.
        known.write_text(f"{known.read_text()}{self.host(GATE)} {line}")
        return Student(
            directory, f"student{number}", card["words"], card["address"], int(card["port"])
        )

    def root(self, machine: int, script: str, user_key: Path | None = None) -> str:
        """Run a script as root of a machine, as the teacher does; return what it printed."""
        result = subprocess.run(
            self._as_root(machine, user_key, (), script),
            capture_output=True,
            text=True,
            timeout=2 * SECONDS,
            check=False,
        )
        return result.stdout + result.stderr

    def root_process(self, machine: int, *words: str) -> subprocess.Popen[bytes]:
        """Start ssh(1) to root of a machine, with its options and a command."""
        *options, script = words
        pipe = subprocess.PIPE
        command = self._as_root(machine, None, tuple(options), script)
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)

    def _as_root(
        self, machine: int, user_key: Path | None, more: tuple[str, ...], script: str
    ) -> list[str]:
        own = self.folder / ".keys"
        options = {
            "IdentitiesOnly": "yes",
            "IdentityFile": str(user_key or own / "user_key"),
            "LogLevel": "ERROR",
            "PreferredAuthentications": "publickey",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(own / "known_hosts"),
        }
        words = [word for each in options.items() for word in ("-o", "=".join(each))]
        return ["ssh", "-F", "none", *words, *more, f"root@{self.host(machine)}", script]


def ended(process: subprocess.Popen[bytes], given: bytes = b"") -> Said:
    """Wait for the end of a command."""
    try:
        output, complaint = process.communicate(given, SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, complaint = process.communicate()
    return Said(process.returncode, output, complaint)


def greeting_of(port: int, asked: bytes = b"", address: str = "127.0.0.1") -> bytes:
    """Return what a port says first, or answers; nothing where it closes the connection."""
    with socket.create_connection((address, port), SECONDS) as connection:
        connection.sendall(asked)
        with contextlib.suppress(ConnectionError):
            return connection.recv(4096)
    return b""


def by_socks(port: int, host: str, number: int) -> bytes:
    """Return what a host's port says first, asked through a SOCKS5 proxy (RFC 1928)."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(b"\x05\x01\x00")
        assert connection.recv(2) == b"\x05\x00"
        name = host.encode()
        connection.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + number.to_bytes(2))
        with contextlib.suppress(ConnectionError):
            answer = connection.recv(10)
            return connection.recv(4096) if answer[1:2] == b"\x00" else b""
    return b""


def free_port() -> int:
    """Return a port of this computer that nothing listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        # Not a connection, which would be forwarded: whether the port can be had.
        try:
            trying.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _first(process: subprocess.Popen[bytes]) -> bytes:
    """Return what a process prints first, nothing where it ends without."""
    assert process.stdout
    found: list[bytes] = []
    output = process.stdout.fileno()
    reader = threading.Thread(target=lambda: found.append(os.read(output, 4096)), daemon=True)
    reader.start()
    reader.join(SECONDS)
    return b"".join(found)

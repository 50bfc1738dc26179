"""Small mail servers on loopback, for tests: real sockets, and mailboxes that are lists."""

from __future__ import annotations

import abc
import contextlib
import re
import socket
import threading


class LineServer(abc.ABC):
    """A server that greets, and answers each line with what ``answer`` returns for it.

    Where that is None the server closes the connection without a word, as one that dies.
    """

    greeting = b"ready"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.replies: dict[str, bytes | None] = {}
        """What is answered instead to a line that begins with a word."""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self.listening.getsockname()
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self) -> None:
        self.listening.close()

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        # A client may go away in the middle of it.
        with (
            contextlib.suppress(ConnectionError),
            connection,
            connection.makefile("rb") as lines,
        ):
            if self.greeting:
                connection.sendall(self.greeting + b"\r\n")
            for raw in lines:
                line = raw.decode().rstrip("\r\n")
                self.heard.append(line)
                reply = self.reply(line)
                if reply is None:
                    return
                if reply:
                    connection.sendall(reply + b"\r\n")

    def reply(self, line: str) -> bytes | None:
        for word, reply in self.replies.items():
            if line.lower().startswith(word):
                return reply
        return self.answer(line)

    @abc.abstractmethod
    def answer(self, line: str) -> bytes | None:
        """Return what a line is answered; None to close the connection."""


class SmtpServer(LineServer):
    """Takes every message (RFC 5321)."""

    greeting = b"220 mail.test ESMTP"

    def __init__(self) -> None:
        self.in_data = False
        self.messages: list[str] = []
        super().__init__()

    def reply(self, line: str) -> bytes | None:
        if not self.in_data:
            return super().reply(line)
        if line != ".":
            self.messages[-1] += line + "\n"
            return b""
        self.in_data = False
        return self.replies.get(".", b"250 2.0.0 Ok: queued as 4F1B2")

    def answer(self, line: str) -> bytes | None:
        if line.lower() == "data":
            self.in_data = True
            self.messages.append("")
            return b"354 go on"
        return b"221 bye" if line.lower() == "quit" else b"250 Ok"


class Mailbox(LineServer):
    """The mailbox of tech, whose password is secret: the subjects of its messages."""

    def __init__(self, *subjects: str) -> None:
        self.subjects = list(subjects)
        super().__init__()

    def numbers(self, found: str) -> list[int]:
        wanted = found.lower()
        return [at for at, subject in enumerate(self.subjects, 1) if wanted in subject.lower()]


class Pop3Server(Mailbox):
    """Hands messages out (RFC 1939)."""

    greeting = b"+OK ready"

    def answer(self, line: str) -> bytes | None:
        verb, _space, argument = line.partition(" ")
        if verb == "PASS":
            return b"+OK" if argument == "secret" else b"-ERR [AUTH] Authentication failed."
        if verb == "STAT":
            return b"+OK %d 100" % len(self.subjects)
        if verb == "TOP":
            subject = self.subjects[int(argument.split()[0]) - 1]
            return f"+OK\r\nFrom: tech\r\nSubject: {subject}\r\n\r\n.".encode()
        if verb == "DELE":
            del self.subjects[int(argument) - 1]
        return b"+OK"


class ImapServer(Mailbox):
    """Hands messages out (RFC 9051)."""

    greeting = b"* OK ready"

    def reply(self, line: str) -> bytes | None:
        tag, _space, command = line.partition(" ")
        reply = super().reply(command)
        return reply and reply.replace(b"TAG", tag.encode())

    def answer(self, line: str) -> bytes | None:
        verb = line.split()[0]
        found = re.fullmatch(r'SEARCH SUBJECT "(.*)"', line)
        untagged = {
            "CAPABILITY": "* CAPABILITY IMAP4rev1\r\n",
            "EXAMINE": f"* {len(self.subjects)} EXISTS\r\n",
            "SELECT": f"* {len(self.subjects)} EXISTS\r\n",
            "LOGOUT": "* BYE\r\n",
        }.get(verb, "")
        if verb == "LOGIN" and line != 'LOGIN tech "secret"':
            return b"TAG NO [AUTHENTICATIONFAILED] Authentication failed."
        if found:
            untagged = " ".join(["* SEARCH", *map(str, self.numbers(found[1]))]) + "\r\n"
        if verb == "FETCH":
            number = line.split()[1]
            header = f"Subject: {self.subjects[int(number) - 1]}\r\n\r\n"
            part = "BODY[HEADER.FIELDS (SUBJECT)]"
            untagged = f"* {number} FETCH ({part} {{{len(header)}}}\r\n{header})\r\n"
        if verb == "STORE":
            self.deleted = int(line.split()[1])
        if verb == "EXPUNGE":
            del self.subjects[self.deleted - 1]
        return f"{untagged}TAG OK done".encode()

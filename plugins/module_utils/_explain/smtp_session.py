# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A conversation with smtpd(8) as a client that does not exist would have it.

``smtpd -S`` speaks on its standard input. As the user ``mail_owner`` it checks access as it does
for the world; as another one it takes itself to be ``sendmail -bs`` and checks nothing. XCLIENT
tells who the client is.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._explain.no_network import without_dns
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    SECONDS,
    PrivatePostfix,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.processes import Process
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

DOT_STRING = re.compile(
    r"[^\x00-\x20()<>@,;:\\\"\[\].\x7f]+(?:\.[^\x00-\x20()<>@,;:\\\"\[\].\x7f]+)*"
)
"""A local part that needs no quotes."""

QUEUED = re.compile(r"250 [0-9.]+ Ok: queued as (\w+)")


@dataclass(frozen=True)
class Client:
    """Who connects; a name of "" is one that the address has none of."""

    address: str
    name: str
    helo: str
    login: str = ""


@dataclass
class Session:
    """The commands with their replies, and the queue id of the message that was taken."""

    replies: list[tuple[str, str]] = field(default_factory=list)
    queue_id: str = ""
    ended: bool = True
    """Whether it came to its end; no verdict can be told of one that did not."""

    def reply_to(self, command: str) -> str:
        """Return what was replied to the first command that begins so; "" where none was sent."""
        return next((reply for said, reply in self.replies if said.startswith(command)), "")


def quoted(address: str) -> str:
    """Return a value as XCLIENT takes it (RFC 1891, xtext)."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in address)


def quoted_address(address: str) -> str:
    """Return an address as smtp sends it (RFC 5321): what is no word before the @ in quotes."""
    local, at, domain = address.rpartition("@")
    if not at:
        local, domain = address, ""
    if not local or DOT_STRING.fullmatch(local) or local.startswith('"'):
        return address
    return '"' + re.sub(r'(["\\])', r"\\\1", local) + f'"{at}{domain}'


BY_A_PIPE = {
    "smtpd_authorized_xclient_hosts": "127.0.0.1",
    "smtpd_upstream_proxy_protocol": "",
    "smtpd_tls_security_level": "none",
    "smtpd_tls_wrappermode": "no",
    "smtpd_use_tls": "no",
    "smtpd_enforce_tls": "no",
    "smtpd_tls_ask_ccert": "no",
    "smtpd_tls_req_ccert": "no",
}
"""Options of an smtpd that speaks to us alone, and in plain text."""


def converse(
    postfix: PrivatePostfix,
    entry: Entry,
    client: Client,
    sender: str,
    recipients: Sequence[str],
    content: bytes,
    overrides: Mapping[str, str],
    verbose: bool = True,
) -> Session:
    """Hand in a message as a client would, as far as smtpd lets it.

    :arg verbose: whether smtpd logs all that it looks up.
    """
    smtpd = _start(postfix, _command(postfix, entry, {**overrides, **BY_A_PIPE}, verbose))
    to, of = smtpd.stdin, smtpd.stdout
    if to is None or of is None:
        raise AssertionError("both are pipes")
    watch = threading.Timer(SECONDS, smtpd.kill)
    watch.start()
    try:
        return _Dialogue(to, of).run(client, sender, recipients, content)
    except BrokenPipeError:
        return Session(ended=False)
    finally:
        watch.cancel()
        smtpd.kill()
        smtpd.wait()
        for end in (to, of):
            with contextlib.suppress(BrokenPipeError):
                end.close()


def _start(postfix: PrivatePostfix, command: list[str]) -> Process:
    return without_dns(
        lambda: Process(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=postfix.environment(),
            cwd=postfix.folder,
            **postfix.as_owner,
        )
    )


def _command(
    postfix: PrivatePostfix, entry: Entry, options: Mapping[str, str], verbose: bool
) -> list[str]:
    words = [postfix.program("smtpd"), "-S", *(["-v"] if verbose else [])]
    words += postfix.options(entry)
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    # A word that smtpd does not know is what it dies of, here as there.
    return words + [word for word in entry.arguments() if word != "-v"]


class _Dialogue:
    def __init__(self, to: IO[bytes], of: IO[bytes]) -> None:
        self.to, self.of = to, of
        self.session = Session()

    def run(
        self, client: Client, sender: str, recipients: Sequence[str], content: bytes
    ) -> Session:
        """Speak until the message is taken or nothing more can come of it."""
        if not self._reply("").startswith("220"):
            self.session.ended = False
            return self.session
        self._say("EHLO explain")
        words = [f"ADDR={quoted(_mail_address(client.address))}"]
        words.append(f"NAME={quoted(client.name) if client.name else '[UNAVAILABLE]'}")
        words += [f"REVERSE_NAME={words[1][5:]}"]
        words += [f"LOGIN={quoted(client.login)}"] if client.login else []
        if not self._say(f"XCLIENT {' '.join(words)}").startswith("220"):
            self.session.ended = self.session.replies[-1][1] != ""
            return self.session
        del self.session.replies[:]
        greeting = self._say(f"EHLO {client.helo}")
        if not greeting.startswith("2"):
            greeting = self._say(f"HELO {client.helo}")
        if self._over(greeting) or self._over(self._say(f"MAIL FROM:<{sender}>")):
            return self.session
        taken = [self._say(f"RCPT TO:<{name}>").startswith("2") for name in recipients]
        if not any(taken) or not self._say("DATA").startswith("3"):
            self._over(self.session.replies[-1][1])
            return self.session
        lines = content.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        self.to.write(stuffed + b"\r\n")
        found = QUEUED.match(self._say("."))
        self.session.queue_id = found[1] if found else ""
        self._over(self.session.replies[-1][1])
        return self.session

    def _over(self, reply: str) -> bool:
        """Tell whether a reply is no consent; where smtpd hung up, nothing is known."""
        if not reply:
            self.session.ended = False
        return not reply.startswith("2")

    def _say(self, command: str) -> str:
        self.to.write(command.encode("utf-8", "surrogateescape") + b"\r\n")
        self.to.flush()
        return self._reply(command)

    def _reply(self, command: str) -> str:
        while True:
            line = self.of.readline().decode("utf-8", "replace").rstrip("\r\n")
            if line[3:4] != "-":
                self.session.replies.append((command, line))
                return line


def _mail_address(address: str) -> str:
    return f"IPV6:{address}" if ":" in address else address

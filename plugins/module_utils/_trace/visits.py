# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs beside Postfix tell of a message: clamsmtpd, clamd, spamd, procmail, Dovecot.

None of them knows queue ids. What each has instead stands in a visit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line

_CLAMSMTPD = re.compile(r"([0-9A-F]{6,}): (.*)", re.S)
_CLAMSMTPD_RESULT = re.compile(r"from=(.*?), to=(.*), status=(.*)", re.S)
_CLAMD_RESULT = re.compile(r".+: (.+ FOUND|OK)$")
_SPAMD_MESSAGE = re.compile(r"(?:processing|checking) message (\S+).* for (?:.*):(\d+)\s*$")
_SPAMD_VERDICT = re.compile(r"(clean message|identified spam) \([^)]*\)")
_DOVECOT = re.compile(r"(lda|lmtp)\(([^)]*)\)(?:<(\d+)>)?(?:<([^>]*)>)?: (.*)", re.S)
_DOVECOT_MESSAGE = re.compile(r"(?:.*: )?msgid=<?([^>:]*)>?: (.*)", re.S)

PROGRAMS = ("clamsmtpd", "clamd", "spamd", "procmail", "dovecot")


@dataclass(eq=False)
class Visit:
    """What one program did with one message."""

    host: str
    program: str
    ident: str
    """The program's own id of it, or its process."""
    lines: list[Line] = field(default_factory=list)
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    message_id: str | None = None
    """Without its brackets; empty where the message has none, None where the program tells none."""
    uid: str = ""
    result: str = ""
    about_message: bool = False
    """Whether a message came; without one it was a mere connection."""
    since: Line | None = None
    """The last line about the message before, where several came by one connection."""

    @property
    def first(self) -> Line:
        """The first line of it."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """The last line of it."""
        return self.lines[-1]

    @property
    def begun(self) -> int:
        """The number of the line since which the program may have been at it."""
        return self.since.number if self.since else self.first.number


class Visits:
    """Gathers the visits from the lines of a log."""

    def __init__(self, gathered: list[Visit]) -> None:
        self.all = gathered
        self._open: dict[tuple[str, str, str], Visit] = {}
        self._ended: dict[tuple[str, str, str], Visit] = {}

    def take(self, line: Line) -> Visit | None:
        """Take in a line; returns the visit it belongs to, None where it is about no message."""
        reader = {
            "clamsmtpd": self._clamsmtpd,
            "clamd": self._clamd,
            "spamd": self._spamd,
            "procmail": self._procmail,
            "dovecot": self._dovecot,
        }.get(line.program)
        return reader(line) if reader else None

    def _visit(self, line: Line, ident: str, begins: bool) -> Visit:
        key = (line.host, line.program, ident)
        visit = self._open.get(key)
        if visit is None or begins:
            visit = self._open[key] = Visit(line.host, line.program, ident)
            before = self._ended.pop(key, None)
            visit.since = before.last if before and not begins else None
            self.all.append(visit)
        visit.lines.append(line)
        return visit

    def _end(self, visit: Visit) -> None:
        key = (visit.host, visit.program, visit.ident)
        self._open.pop(key, None)
        self._ended[key] = visit

    def _clamsmtpd(self, line: Line) -> Visit | None:
        match = _CLAMSMTPD.match(line.text)
        if not match:
            return None
        visit = self._visit(line, match[1], match[2].startswith("accepted connection"))
        result = _CLAMSMTPD_RESULT.match(match[2])
        if result:
            visit.sender, recipients, visit.result = result.groups()
            visit.recipients = tuple(recipients.split(", to="))
            visit.about_message = True
            self._end(visit)
        return visit

    def _clamd(self, line: Line) -> Visit | None:
        result = _CLAMD_RESULT.match(line.text)
        if not result:
            return None
        visit = self._visit(line, line.pid, True)
        visit.result, visit.about_message = result[1], True
        return visit

    def _spamd(self, line: Line) -> Visit | None:
        text = line.text[7:] if line.text.startswith("spamd: ") else ""
        if not text or text.startswith("server "):
            return None
        begins = text.startswith("connection from")
        if not begins and (line.host, "spamd", line.pid) not in self._open:
            # Its first lines are missing, or it is none, such as "alert: …" or "restarting".
            begins = text.startswith(("processing", "checking", "clean", "identified", "result:"))
            if not begins:
                return None
        visit = self._visit(line, line.pid, begins)
        message, verdict = _SPAMD_MESSAGE.match(text), _SPAMD_VERDICT.match(text)
        if message:
            visit.message_id = "" if message[1] == "(unknown)" else message[1].strip("<>")
            visit.uid, visit.about_message = message[2], True
        elif verdict:
            visit.result, visit.about_message = verdict[0], True
        elif text.startswith("result: "):
            visit.about_message = True
            named = re.search(r"\bmid=<([^>]*)>", text)
            if named and visit.message_id is None:
                visit.message_id = named[1]
            self._end(visit)
        return visit

    def _procmail(self, line: Line) -> Visit:
        visit = self._visit(line, line.pid, False)
        visit.result, visit.about_message = line.text, True
        return visit

    def _dovecot(self, line: Line) -> Visit | None:
        match = _DOVECOT.match(line.text)
        if not match:
            return None
        what, user, pid, ident, text = match.groups()
        pid = pid or user.split(",")[0]
        visit = self._visit(line, pid, text.startswith("Connect from"))
        message = _DOVECOT_MESSAGE.match(text)
        if message:
            visit.about_message = True
            visit.message_id = message[1]
            visit.result = f"{what}: {message[2]}"
        if text.startswith("Disconnect from") or what == "lda":
            self._end(visit)
        return visit

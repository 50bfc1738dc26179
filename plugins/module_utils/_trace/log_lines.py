# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the lines of a mail log.

Known are the layouts that rsyslog, Postfix's own maillog_file and journalctl write (RFC 3164 and
RFC 5424): ``Mar 26 16:11:02 host postfix/smtpd[42]: text``, the same with an ISO 8601 time, and
``<22>1 2024-03-26T16:11:02Z host postfix/smtpd 42 - - text``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import NamedTuple

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_LONG = "0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y"
QUEUE_ID = rf"[0-9A-F]{{6,20}}|[{_LONG}z]{{10,}}z[{_LONG}]+"
"""A queue id: a short one, or a long one with its inode behind the last z (mail_queue.h)."""

_DATE = rf"(?:{'|'.join(MONTHS)}) [ \d]\d"
_TIME = (
    rf"{_DATE} \d\d:\d\d:\d\d"
    r"|[12]\d{3}-(?:0[1-9]|1[0-2])-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
)
_TEXT = rf"(?:((?:warning: )?)({QUEUE_ID}): )?(.*)"
_LINE = re.compile(rf"(?:<\d+>)?({_TIME}) (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: ?{_TEXT}", re.S)
_DATA_5424 = r'(?:-|(?:\[(?:[^\]"]|"(?:\\.|[^"\\])*")*\])+)'
_LINE_5424 = re.compile(
    rf"<\d+>\d+ ({_TIME}) (\S+) (\S+) (\d*)-? \S+ {_DATA_5424} ?\ufeff?{_TEXT}", re.S
)
_CLOCK = re.compile(r"(....)-(..)-(..).(..):(..):(..)(?:[.,](\d+))?(?:([+-]..):?(..))?")


class Line(NamedTuple):
    """One line of the log."""

    number: int
    """Its place among the lines read, from 0."""
    raw: str
    """The line as it stands in the log."""
    time: str
    """When, in ISO 8601; with microseconds and offset only where the log has them."""
    host: str
    service: str
    """Who wrote it, such as ``postfix/submission/smtpd`` or ``spamd``; empty: not to be read."""
    pid: str
    queue_id: str
    """The queue id at its beginning; only Postfix's programs have one."""
    text: str
    """What is said, without the queue id."""

    @property
    def program(self) -> str:
        """The program, without the name of the Postfix instance or service."""
        return self.service.rpartition("/")[2]

    @property
    def seconds(self) -> float:
        """The time in seconds since 1970; one without an offset counts as UTC."""
        return seconds(self.time)


def decode(data: bytes) -> str:
    """Return a log as text, whatever bytes it has."""
    return data.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def seconds(time: str) -> float:
    """Return an ISO 8601 time in seconds since 1970, 0 for what is none."""
    clock = _CLOCK.match(time)
    if not clock:
        return 0.0
    year, month, day, hour, minute, second = map(int, clock.groups()[:6])
    fraction, offset, offset_minutes = clock.groups()[6:]
    # Not through datetime: February 29 stays readable, also in what turns out to be no leap year.
    days = datetime.date(year, month, 1).toordinal() + day - 719164
    total = days * 86400 + hour * 3600 + minute * 60 + second
    if offset:
        total -= int(offset) * 3600 + int(offset[0] + offset_minutes) * 60
    return total + (float(f"0.{fraction}") if fraction else 0.0)


def read(
    text: str,
    latest: datetime.date,
    host: str | None = None,
    parts: list[tuple[int, int]] | None = None,
) -> list[Line]:
    """Return the lines of a log, or of parts of it.

    :arg latest: a day that the log's last line is not after: the times of RFC 3164 have no year.
    :arg host: the machine, where it is not to be what the lines say.
    :arg parts: where each part begins and ends, in their order, each a whole number of lines.
    """
    years = _Years(text, latest)
    found: list[tuple[str, Line]] = []
    for start, end in reversed(parts if parts is not None else [(0, len(text))]):
        for raw in reversed(text[start:end].split("\n")):
            if raw and not raw.isspace():
                line = _line(raw, host)
                undated = line.time[:1].isalpha()
                time = years.of(line.time, end) if undated else line.time.replace(" ", "T")
                found.append((time, line))
        years.passed(start, end)
    found.reverse()
    return [line._replace(number=number, time=time) for number, (time, line) in enumerate(found)]


def _line(raw: str, host: str | None) -> Line:
    raw = raw.rstrip("\r")
    match = _LINE.match(raw) or _LINE_5424.match(raw)
    if not match:
        return Line(0, raw, "", host or "", "", "", "", raw)
    time, its_host, service, pid, before, queue_id, text = match.groups()
    if queue_id and "/" not in service:
        text, queue_id = f"{before}{queue_id}: {text}", ""
    elif before:
        text = before + text
    return Line(0, raw, time, host or its_host, service, pid or "", queue_id or "", text)


_DISORDER = 4


class _Years:
    """Finds the years of times without one, from the last line of a log back to the first."""

    def __init__(self, text: str, latest: datetime.date) -> None:
        # A clock may be ahead of ours by a day.
        latest = latest + datetime.timedelta(days=1)
        self.text = text
        self.behind = len(text)
        """Where that begins which was gone back over."""
        self.year = latest.year
        self.following = _place(latest.month, latest.day) - _DISORDER
        self.known: dict[str, str] = {}

    def passed(self, start: int, end: int) -> None:
        """Take note that a part was read; what is behind it may still have to be gone back over."""
        if self.behind == end:
            self.behind = start

    def of(self, time: str, end: int) -> str:
        """Return an RFC 3164 time in ISO 8601, of a line before ``end``."""
        if end < self.behind:
            # What is not read has years to go back over, too.
            behind, self.behind = self.behind, end
            for date in reversed(list(_dates(self.text, end - 1, behind))):
                self._of(date)
        return self._of(time)

    def _of(self, time: str) -> str:
        date = time[:6]
        if date not in self.known:
            month, day = MONTHS.index(date[:3]) + 1, int(date[4:])
            self.known[date] = f"{self._year_of(_place(month, day)):04}-{month:02}-{day:02}T"
        return self.known[date] + time[7:]

    def _year_of(self, place: int) -> int:
        """Go back to a day; one later in the year than what follows is of the year before.

        Lines out of order by a day are no turn of the year, also where they are written at one.
        """
        if self.following == _place(12, 31) and place == _place(1, 1):
            return self.year + 1
        if place > self.following + _DISORDER:
            self.year -= 1
            self.known.clear()
        self.following = place
        return self.year


def _dates(text: str, start: int, end: int) -> Iterator[str]:
    """Return the dates of the lines that begin in a part, each as often as it comes again."""
    date = "none"
    while True:
        line = re.compile(rf"\n(?:<\d+>)?(?!{date})({_DATE}) ")
        match = line.search(text, max(start, 0), end)
        if not match:
            return
        yield match[1]
        date, start = match[1], match.end()


def _place(month: int, day: int) -> int:
    """Return a number for a day of the year; that of the next day is at most _DISORDER more."""
    return month * 31 + day


def merge(logs: list[list[Line]]) -> list[Line]:
    """Return the lines of several logs as one, by their time; each log's order stays."""
    lines = [line for log in logs for line in log]
    if len(logs) > 1:
        latest: dict[str, float] = {}
        times = []
        for line in lines:
            # A line out of order, or one without a time, stays behind the one before it.
            latest[line.host] = max(latest.get(line.host, 0.0), line.seconds)
            times.append(latest[line.host])
        order = sorted(range(len(lines)), key=times.__getitem__)
        lines = [lines[place] for place in order]
    return [line._replace(number=number) for number, line in enumerate(lines)]

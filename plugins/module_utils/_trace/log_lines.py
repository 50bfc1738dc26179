# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the lines of a mail log.

Known are the layouts of RFC 3164 and RFC 5424 that rsyslog's templates and Postfix's maillog_file
write, and those of ``journalctl --output=``: short, short-precise, short-iso, short-iso-precise,
short-full, short-unix, short-monotonic, with-unit and the json of one line, also with
``--no-hostname``, and each of them behind what Docker and Kubernetes put before a container's
lines; those that take several lines for one are read by ``journal_entries``. ``cat`` is not: of
its lines nobody can tell when they were.
"""

from __future__ import annotations

import datetime
import functools
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.labs.mail.plugins.module_utils._trace.units import of_unit

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_LONG = "0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-y"
QUEUE_ID = rf"[0-9A-F]{{6,20}}|[{_LONG}z]{{10,}}z[{_LONG}]+"
"""A queue id: a short one, or a long one with its inode behind the last z (mail_queue.h)."""

# journalctl writes the months of short and short-precise in the language of who called it.
_FRENCH = (
    "janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip
_MONTH_NUMBERS = {
    word: number for words in (MONTHS, _FRENCH) for number, word in enumerate(words, 1)
}
_DATE = rf"(?:{'|'.join(map(re.escape, _MONTH_NUMBERS))}) (?:[ \d]\d|\d)"
_CLOCK_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ISO = rf"[12]\d{{3}}-(?:0[1-9]|1[0-2])-\d\d[T ]{_CLOCK_TIME}"
_JOURNAL_TIME = (
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_ISO} [A-Z+-][\w+-]*"  # short-full, with-unit
    r"|\d{9,}\.\d+"  # short-unix
    r"|\[ *\d+\.\d+(?: *<[^>]*>)?\]"  # short-monotonic, short-delta
)
_TIME = (
    rf"{_DATE}(?: \d{{4}})? {_CLOCK_TIME}(?: \d{{4}}(?= ))?"
    rf"|{_ISO}(?:Z| ?[+-]\d\d:?\d\d)?|{_JOURNAL_TIME}"
)
_TEXT = rf"(?:((?:(?:warning|error|fatal|panic): )?)({QUEUE_ID}): )?(.*)"
_WHOLE_TEXT = re.compile(_TEXT, re.S)
_HOST = r"(?:(\S*[^\s:]|[\da-fA-F:]+::) )?"
# busybox's syslogd, which Alpine has, names facility and severity; FreeBSD's does with -v.
_FACILITY = r"(?:<?(?:mail|user|daemon|local\d|\d+)\.(?:[a-z]+|\d)>? )?"
# rsyslog's templates for forwarding cut the tag off at 32 characters, with its colon.
_TAG = r"([^\s\[:]+)(?:\[(\d*)\]?)?(?:: ?|(?<= \S{32}) )(?:\[ID \d+ [\w.]+\] )?"
# docker compose logs, docker logs -t, and the files of Kubernetes; octet counting of RFC 6587.
_CONTAINER = (
    rf"(?:[\w.-]+ +\| )?(?:{_ISO}(?:Z|[+-]\d\d:\d\d) (?:std(?:out|err) [FP] )?(?=<|{_TIME} ))?"
    r"(?:\d+ (?=<))?"
)
_BEGIN = rf"\ufeff?{_CONTAINER}(?:<\d+>)?"
_LINE = re.compile(rf"(?:<\d+>)?({_TIME}) {_HOST}{_TAG}{_TEXT}", re.S)
_LINE_OF_OTHERS = re.compile(rf"{_BEGIN}({_TIME}) {_FACILITY}{_HOST}{_FACILITY}{_TAG}{_TEXT}", re.S)
_DATA_5424 = r'(?:-|(?:\[(?:[^\]"]|"(?:\\.|[^"\\])*")*\])+)'
_LINE_5424 = re.compile(
    rf"{_BEGIN}\d+ ({_TIME}) (\S+) (\S+) (\d*)-? \S+ {_DATA_5424} *\ufeff?{_TEXT}", re.S
)
_DATED = re.compile(rf"({_DATE})(?: (\d{{4}}))? ({_CLOCK_TIME})(?: (\d{{4}}))?")
_REPEATED = re.compile(r"message repeated \d+ times: \[ ?(.*)\]", re.S)
"""What rsyslog's $RepeatedMsgReduction makes of the same line a second time and on."""
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
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


@functools.lru_cache(maxsize=4096)
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
                time = years.of(line.time, end) if undated else line.time
                found.append((time, line))
        years.passed(start, end)
    found.reverse()
    return [line._replace(number=number, time=time) for number, (time, line) in enumerate(found)]


def _line(raw: str, host: str | None) -> Line:
    raw = raw.rstrip("\r")
    found = _parts(raw) or _of_json(raw)
    if not found:
        # journalctl says itself where a boot begins: "-- Boot 0123 --".
        writer = "journalctl" if raw.startswith("-- ") and raw.endswith(" --") else ""
        return Line(0, raw, "", host or "", writer, "", "", raw)
    time, its_host, service, pid, before, queue_id, text = found
    repeated = None if queue_id else _REPEATED.fullmatch(text)
    if repeated:
        [(before, queue_id, text)] = _WHOLE_TEXT.findall(repeated[1])[:1]
    if service.endswith((".service", ".scope")):
        service = of_unit(service, queue_id, text)
    if queue_id and "/" not in service:
        text, queue_id = f"{before}{queue_id}: {text}", ""
    elif before:
        text = before + text
    host = host or its_host or ""
    return Line(0, raw, _iso(time), host, service, pid or "", queue_id or "", text)


def _parts(raw: str) -> tuple[str, ...] | None:
    match = _LINE.match(raw)
    if not match:
        plain = _COLOUR.sub("", raw)
        match = _LINE_5424.match(plain) or _LINE_OF_OTHERS.match(plain)
    return match.groups() if match else None


def _iso(time: str) -> str:
    """Return a time in ISO 8601; one of RFC 3164 without a year as it is but padded."""
    if time[0].isdigit():
        if time[4:5] == "-":
            return time.replace(" ", "T", 1).replace(" ", "")
        return _since_1970(float(time))
    if time[0] == "[":  # since the start of the machine
        return _since_1970(float(time.strip("[] ").partition(" ")[0])).removesuffix("+00:00")
    dated = _DATED.fullmatch(time)
    if dated:
        date, year, clock, last = dated.groups()
        month, day = _month_and_day(date)
        year = year or last
        return f"{year}-{month:02}-{day:02}T{clock}" if year else f"{_short(date)} {clock}"
    if time[4:8].isdigit() and time[8:9] == "-":  # behind the day of the week, before the zone
        return "T".join(time.split(" ")[1:3])
    return time


def _month_and_day(date: str) -> tuple[int, int]:
    month, day = date.split()
    return _MONTH_NUMBERS[month], int(day)


def _short(date: str) -> str:
    """Return a date as RFC 3164 writes it, whatever language the month is in."""
    month, day = _month_and_day(date)
    return f"{MONTHS[month - 1]} {day:2}"


def _since_1970(moment: float) -> str:
    utc = datetime.timezone.utc
    epoch = datetime.datetime(1970, 1, 1, tzinfo=utc)
    return (epoch + datetime.timedelta(seconds=moment)).isoformat()


def _of_json(raw: str) -> tuple[str, ...] | None:
    """Return the parts of a line of ``journalctl --output=json``, json-sse or json-seq."""
    raw = raw.lstrip("\x1e").removeprefix("data: ")
    if not raw.startswith("{"):
        return None
    try:
        entry = json.loads(raw)
        message = entry["MESSAGE"]
        if isinstance(message, list):  # what is no text is a list of bytes
            message = decode(bytes(message))
        time = f"{int(entry['__REALTIME_TIMESTAMP']) / 1e6:.6f}"
        service = str(entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM") or "")
        pid = str(entry.get("SYSLOG_PID") or entry.get("_PID") or "")
        host = str(entry.get("_HOSTNAME") or "")
        [(before, queue_id, text)] = _WHOLE_TEXT.findall(message)[:1]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return (time, host, service, pid, before, queue_id, text) if service else None


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
            month, day = _month_and_day(date)
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
        line = re.compile(rf"\n{_BEGIN}(?!{re.escape(date)})({_DATE}) ")
        match = line.search(text, max(start, 0), end)
        if not match:
            return
        yield _short(match[1])
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

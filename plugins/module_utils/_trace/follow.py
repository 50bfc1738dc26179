# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow messages through a mail log: each as a path through all its queue ids and programs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._trace.actions import Action
from ansible_collections.labs.mail.plugins.module_utils._trace.attach import Attached
from ansible_collections.labs.mail.plugins.module_utils._trace.gather import gather
from ansible_collections.labs.mail.plugins.module_utils._trace.links import link
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import Line, read
from ansible_collections.labs.mail.plugins.module_utils._trace.message_path import Path

MARGIN_CHARACTERS = 100_000
"""How much of a log is read before and behind the lines with a message's ids, for those without."""


@dataclass(frozen=True)
class Selection:
    """Which messages to follow: those that everything given holds for."""

    queue_ids: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    """Without their brackets."""
    recipient: str = ""
    """A whole address, or its beginning up to the ``@``."""
    sender: str | None = None
    """The same; empty: messages with the empty sender."""
    since: str = ""
    """A time in ISO 8601, or the beginning of one, as the log's clock shows it."""


@dataclass
class Trace:
    """What a log tells of the messages that were asked for."""

    paths: list[Path]
    actions: list[Action]
    """What was done to clients, recipients and messages."""
    loose: list[Line]
    """Lines that are part of no path, selected or not."""
    unread: list[Line]
    """Those of them whose layout is not known."""

    @property
    def refusals(self) -> list[Action]:
        """The actions by which something did not come in."""
        return [action for action in self.actions if action.refuses]

    @property
    def lines(self) -> list[Line]:
        """The lines of the paths, each once and in the log's order."""
        lines = {line.number: line for path in self.paths for line in path.lines}
        return [lines[number] for number in sorted(lines)]


def trace(lines: Iterable[Line], selection: Selection) -> Trace:
    """Follow the messages that are selected through the lines of a log."""
    gathered = gather(lines)
    links = link(gathered)
    attached = Attached(gathered, links)
    found = [
        Path(entry, links, attached) for entry in gathered.entries if entry not in links.before
    ]
    in_paths = {line.number for path in found for line in path.lines}
    return Trace(
        [path for path in found if _selected(path, selection)],
        [action for action in gathered.actions if _done(action, selection)],
        [line for line in gathered.lines if line.number not in in_paths],
        gathered.unread,
    )


def _selected(path: Path, selection: Selection) -> bool:
    ids = {hop.entry.queue_id for hop in path.hops}
    return (
        (not selection.queue_ids or not ids.isdisjoint(selection.queue_ids))
        and (
            not selection.message_ids or not set(selection.message_ids).isdisjoint(path.message_ids)
        )
        and (
            not selection.recipient
            or any(_same(name, selection.recipient) for name in path.recipients)
        )
        and (selection.sender is None or _same(path.sender, selection.sender))
        and _since(path.lines[0], selection.since)
    )


def _done(action: Action, selection: Selection) -> bool:
    return (
        (not selection.queue_ids or action.line.queue_id in selection.queue_ids)
        and not selection.message_ids
        and (not selection.recipient or _same(action.recipient, selection.recipient))
        and (selection.sender is None or _same(action.sender, selection.sender))
        and _since(action.line, selection.since)
    )


def _same(address: str | None, wanted: str) -> bool:
    if address is None:
        return False
    address, wanted = address.lower(), wanted.lower()
    return address == wanted or ("@" not in wanted and address.rpartition("@")[0] == wanted != "")


def _since(line: Line, since: str) -> bool:
    return line.time[: len(since)] >= since.replace(" ", "T")


def follow(text: str, latest: datetime.date, selection: Selection) -> Trace:
    """Follow messages through a log, and read only the parts of it in which their ids are.

    :arg latest: a day that the log's last line is not after.
    """
    words = set(selection.queue_ids or selection.message_ids)
    if not words:
        return trace(read(text, latest), selection)
    known: set[str] = set()
    places: set[int] = set()
    parts: list[tuple[int, int]] = []
    found = Trace([], [], [], [])
    while words:
        known |= words
        more = {place for word in words for place in _places(text, word)}
        if all(_well_within(place, parts, len(text)) for place in more):
            break
        places |= more
        parts = _around(text, sorted(places))
        found = trace(read(text, latest, None, parts), selection)
        words = {word for path in found.paths for word in _words(path)} - known
    return found


def _words(path: Path) -> list[str]:
    """Return every id that a path has, and those that it names."""
    words = path.message_ids
    for entry in (hop.entry for hop in path.hops):
        words += [entry.queue_id, entry.original_id or entry.queue_id]
        words += [delivery.named[1] for delivery in entry.deliveries if delivery.named]
        words += [queue_id for _what, queue_id in entry.notices]
    return words


def _places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _around(text: str, places: list[int]) -> list[tuple[int, int]]:
    """Return the parts of a log that have these places, each with a margin of whole lines."""
    parts: list[tuple[int, int]] = []
    for place in places:
        start = text.rfind("\n", 0, max(place - MARGIN_CHARACTERS, 0)) + 1
        end = text.find("\n", place + MARGIN_CHARACTERS) + 1 or len(text)
        if parts and start <= parts[-1][1]:
            start = parts.pop()[0]
        parts.append((start, end))
    return parts


def _well_within(place: int, parts: list[tuple[int, int]], size: int) -> bool:
    """Tell whether a place has half of a margin at least in one of the parts."""
    enough = MARGIN_CHARACTERS // 2
    return any(
        (start == 0 or place - enough >= start) and (end == size or place + enough <= end)
        for start, end in parts
    )

# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the words of one entry of master.cf that differ, and nothing else of its lines."""

from __future__ import annotations

import contextlib
import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    LogicalLine,
    encode,
    end_last_line,
    is_ignored,
    matched,
    physical_lines,
    split,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import (
    Entry,
    Option,
    Token,
    parse_entry,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.spec import Spec, render
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.words import (
    option_text,
    render_option,
    render_word,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    ParameterTypes,
    ParameterValue,
)

DEFAULTS = {"private": "y", "unpriv": "y", "wakeup": "0"}
"""What - stands for, where that never depends on anything else (master(5))."""


@dataclass(frozen=True)
class Edit:
    """What takes the place of a part of the logical line's text.

    ``text`` None takes a word away, with the white space around it. ``below`` says that the text
    goes on on a line of its own, so that what is before it on its line loses its last blanks.
    """

    start: int
    end: int
    text: bytes | None
    below: bool = False

    @property
    def pieces(self) -> tuple[bytes | None, ...]:
        """The text, behind None where blanks before it go."""
        return (None, self.text) if self.below else (self.text,)


@dataclass
class Plan:
    """What is to be done to an entry: edits by the start of the word, and lines to add."""

    edits: dict[int, Edit] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether anything is to be edited."""
        return bool(self.edits or self.options or self.operands)

    def put(self, token: Token, text: bytes, below: bool = False) -> None:
        """Put a text in a word's place."""
        self.edits[token.start] = Edit(token.start, token.end, text, below)

    def take_out(self, token: Token) -> None:
        """Take a word away."""
        self.edits[token.start] = Edit(token.start, token.end, None)

    def stays(self, token: Token) -> bool:
        """Tell whether anything will stand in a word's place."""
        return token.start not in self.edits or self.edits[token.start].text is not None

    def text(self, token: Token) -> bytes:
        """Return what will stand in a word's place."""
        edit = self.edits.get(token.start)
        return token.text if edit is None else edit.text or b""


def differs(entry: Entry, spec: Spec, types: ParameterTypes) -> bool:
    """Tell whether an entry means something else than what it is to be."""
    return bool(_plan(entry, spec, types))


def apply_spec(entry: Entry, spec: Spec, types: ParameterTypes, ending: bytes) -> bool:
    """Edit the entry to match the spec; return whether it changed."""
    plan = _plan(entry, spec, types)
    if not plan:
        return False
    source = entry.source
    if any(option.joined for option in entry.options):
        source.lines = _part_options(entry)
        source.text = split(b"".join(source.lines))[0].text
        entry = parse_entry(source)
        plan = _plan(entry, spec, types)
    lines = _carry_out(plan, entry, ending)
    if not _is_as(lines, spec, types):
        # Such as a word that came to stand first on its line and starts with #.
        comments = [line for line in source.lines[1:] if is_ignored(line)]
        lines = [line + ending for line in render(entry.key, spec)] + comments
    source.lines, source.text = lines, split(b"".join(lines))[0].text
    return True


def _is_as(lines: list[bytes], spec: Spec, types: ParameterTypes) -> bool:
    sources = [source for source in split(b"".join(lines)) if source.text]
    with contextlib.suppress(ConfigError):
        return len(sources) == 1 and not _plan(parse_entry(sources[0]), spec, types)
    return False


def _plan(entry: Entry, spec: Spec, types: ParameterTypes) -> Plan:
    plan = Plan()
    for column, wanted in spec.columns.items():
        token = entry.columns[column]
        if not same_column(column, token.text.decode("utf-8", "surrogateescape"), wanted):
            plan.edits[token.start] = _column_edit(entry.source.text, token, encode(wanted))
    counting = {option.name: option for option in entry.options}
    for option in entry.options:
        if option.name not in spec.options:
            for token in option.tokens:
                plan.take_out(token)
    for name, value in spec.options.items():
        if name not in counting:
            plan.options.append(render_option(name, option_text(value)))
        elif not _same_option(entry.source, counting[name], value, types):
            _replace_option(plan, counting[name], render_option(name, option_text(value)))
    new_flags = _plan_words(plan, entry.flags, spec.flags)
    if new_flags:
        command = entry.columns["command"]
        plan.put(command, plan.text(command) + encode(" " + " ".join(new_flags)))
    plan.operands = _plan_words(plan, entry.operands, spec.operands)
    return plan


def same_column(column: str, found: str, wanted: str) -> bool:
    """Tell whether master makes the same of two texts of a column."""
    return _column_meaning(column, found) == _column_meaning(column, wanted)


def _column_meaning(column: str, text: str) -> str:
    text = DEFAULTS.get(column, text) if text == "-" else text
    if column in ("wakeup", "maxproc") and text.isdigit():
        return str(int(text))
    return "0" if column == "wakeup" and re.fullmatch(r"0+\?", text) else text


def _same_option(
    source: LogicalLine, option: Option, value: ParameterValue, types: ParameterTypes
) -> bool:
    token = option.tokens[-1]
    lines = 1 + source.place(token.end - 1)[0] - source.place(token.start)[0]
    return types.same(option.name, encode(option.value), value, lines)


def _replace_option(plan: Plan, option: Option, text: str) -> None:
    if len(option.tokens) == 2:
        plan.put(option.tokens[1], encode(text[len("-o ") :]))
    else:
        plan.put(option.tokens[0], encode(text))


def _plan_words(plan: Plan, found: list[Token], wanted: list[str]) -> list[str]:
    """Plan that words become others; return those for which there is no place among them."""
    if not found:
        return [render_word(word) for word in wanted]
    matcher = difflib.SequenceMatcher(
        None, [token.meaning for token in found], [encode(word) for word in wanted], False
    )
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag == "equal":
            continue
        new = [encode(render_word(word)) for word in wanted[new_first:new_last]]
        for token in found[first:last]:
            if new:
                plan.put(token, new.pop(0))
            else:
                plan.take_out(token)
        if new and last:
            before = found[last - 1]
            plan.put(before, b" ".join([plan.text(before), *new]))
        elif new:
            plan.put(found[0], b" ".join([*new, plan.text(found[0])]))
    return []


def _column_edit(text: bytes, token: Token, value: bytes) -> Edit:
    """Return an edit that keeps the columns after this one where they are, where there is room."""
    longer = len(value) - len(token.text)
    if longer <= 0:
        pad = b" " * -longer if text[token.end : token.end + 1] == b" " else b""
        return Edit(token.start, token.end, value + pad)
    room = len(matched(rb" *(?= )|", text[token.end :]))
    return Edit(token.start, token.end + min(room, longer), value)


def _part_options(entry: Entry) -> list[bytes]:
    """Return the lines of an entry with each -vo made -v -o."""
    first = [option.tokens[0].start for option in entry.options if option.joined]
    return splice(entry.source, [Edit(start, start, b" -") for start in first])


def _carry_out(plan: Plan, entry: Entry, ending: bytes) -> list[bytes]:
    """Return the lines of an entry after its edits."""
    continued = [line for line in entry.source.lines[1:] if not is_ignored(line)]
    indent = _indent(continued[-1]) if continued else b"  "
    below = [encode(option) for option in plan.options]
    staying = next(filter(plan.stays, entry.operands), None)
    if below and staying:
        # An option behind the first argument would be an argument too.
        _put_before(plan, staying, below, entry.source, ending, indent)
        below = []
    below += [encode(" ".join(plan.operands))] if plan.operands else []
    source = LogicalLine(0, splice(entry.source, plan.edits.values()))
    if below:
        end_last_line([source], ending)
    return source.lines + [indent + line + ending for line in below]


def _put_before(
    plan: Plan,
    token: Token,
    options: list[bytes],
    source: LogicalLine,
    ending: bytes,
    indent: bytes,
) -> None:
    """Plan lines of options before a word, which gets a line of its own after them."""
    number, column = source.place(token.start)
    before = source.lines[number - source.number][: column - 1]
    is_first = not before.strip(SPACE)
    if is_first:
        indent = before
    lines = (ending + indent).join([*options, plan.text(token)])
    plan.put(token, lines if is_first else ending + indent + lines, below=not is_first)


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(SPACE))]


def splice(source: LogicalLine, edits: Iterable[Edit]) -> list[bytes]:
    """Return the physical lines of a logical line after edits of its text."""
    lines: list[bytes] = []
    offset = 0
    ordered = sorted(edits, key=lambda edit: edit.start)
    starts, ends = [edit.start for edit in ordered], [edit.end for edit in ordered]
    for line in source.lines:
        if is_ignored(line):
            lines.append(line)
            continue
        length = len(line.rstrip(b"\n"))
        some = ordered[bisect_left(ends, offset) : bisect_left(starts, offset + length)]
        lines += _edited(line, offset, length, some)
        offset += length
    return lines


def _edited(line: bytes, offset: int, length: int, edits: list[Edit]) -> list[bytes]:
    """Return what a line becomes.

    :arg offset: where it starts in the text of the logical line; of that it has ``length`` bytes.
    :arg edits: those that touch it, in their order.
    """
    pieces: list[bytes | None] = []
    done = 0
    for edit in edits:
        first, last = max(edit.start - offset, 0), min(edit.end - offset, length)
        if first < last or (edit.start == edit.end and 0 <= edit.start - offset < length):
            # Of a word over several lines, the first one gets the text.
            new = edit.pieces if edit.start >= offset else (None,)
            pieces += [line[done:first], *new]
            done = last
    return _joined([*pieces, line[done:]])


def _joined(pieces: list[bytes | None]) -> list[bytes]:
    """Return the lines that pieces make, where None takes the blanks away that are around it.

    The indentation of a line stays; a line of which nothing else is left goes.
    """
    kept: list[bytes] = []
    is_indent = has_words = False
    for piece in pieces:
        if piece is not None:
            kept.append(piece.lstrip(b" \t") if is_indent else piece)
            has_words = has_words or bool(piece.strip(b" \t"))
            is_indent = is_indent and not has_words
        elif has_words:
            while kept and not kept[-1].rstrip(b" \t"):
                kept.pop()
            kept[-1] = kept[-1].rstrip(b" \t")
        else:
            is_indent = any(kept)
    line = b"".join(kept)
    parts = physical_lines(line)
    return [part for part in parts if part.strip(SPACE)] if None in pieces else parts

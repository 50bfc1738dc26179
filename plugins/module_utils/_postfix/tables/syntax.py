# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one entry of a lookup table is written, in each kind of table.

A syntax parts a logical line into key and value as Postfix does, and writes one that Postfix
parts the same way. Source: postmap() in src/postmap/postmap.c, postalias() in
src/postalias/postalias.c, dict_regexp.c, dict_pcre.c and dict_cidr.c in src/util.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import matched


@dataclass(frozen=True)
class Parts:
    """A key without what only its spelling needs, the value, and where it starts in the line."""

    key: bytes
    value: bytes
    start: int


def shown(text: bytes) -> str:
    """Return a text as a message shows it: in quotes, and not endless."""
    decoded = text.decode("utf-8", "backslashreplace")
    return repr(decoded if len(decoded) <= 60 else decoded[:57] + "...")


def fold_space(value: bytes) -> bytes:
    """Return a value with every run of white space, such as a line's end makes, as one blank."""
    return b" ".join(value.split())


def not_utf8(text: bytes) -> int | None:
    """Return the offset of the first byte that is not UTF-8; None where all are."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _no_other_quote(offset: int) -> ConfigError:
    return ConfigError(
        "a double quote without its other",
        column=offset + 1,
        instead="close it, or put \\ before it",
    )


class Postmap:
    """``key value`` of postmap(1) and of texthash; white space in a key stands in quotes."""

    form = "key, white space, value"
    ordered = False
    splits = True
    """Whether a line without quotes and backslashes is parted at its first white space."""
    _key = re.compile(rb'(?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")*(?:\\\Z)?', re.S)

    def __init__(self, utf8: bool = True) -> None:
        self.utf8 = utf8

    def part(self, text: bytes) -> Parts:
        """Part a logical line.

        :raises ConfigError: Postfix would pass it over, or take it for something else.
        """
        end = len(matched(self._key, text))
        if text[end : end + 1] == b'"':
            raise _no_other_quote(end)
        key, value = text[:end], text[end:].strip()
        if not key or not value:
            raise ConfigError(f"{shown(key)} has no value", instead=f"write {self.form}")
        return Parts(key, value, end + len(text[end:]) - len(text[end:].lstrip()))

    def doubt(self, key: bytes) -> ConfigError | None:
        """Return what Postfix warns of, although it takes the entry; None where it is silent."""
        if not key.endswith(b":"):
            return None
        return ConfigError(
            f"the key {shown(key)} ends in a colon, as in an aliases file",
            instead="take the colon out, or set format to postalias",
        )

    def fold(self, key: bytes) -> bytes:
        """Return the key as it stands in an index; casefold() in src/util/casefold.c."""
        if not self.utf8 or key.isascii():
            return key.lower()
        return key.decode().casefold().encode()

    def same(self, value: bytes, wanted: bytes) -> bool:
        """Tell whether two values, each on one line, are one to Postfix."""
        return value == wanted

    def unquoted(self, key: bytes) -> bytes:
        """Return a key without quotes that only its spelling needs; here they are part of it."""
        return key

    def render(self, key: bytes, value: bytes, gap: bytes = b" ") -> bytes:
        """Return the line of an entry."""
        return key + gap + value


class Postalias(Postmap):
    """``name: value`` of aliases(5); names and values are mail addresses, with RFC 822's quotes."""

    form = "name: value"
    splits = False
    _quoted = rb'\\.|"(?:[^"\\]|\\.)*"'
    _atom = rb'(?:[^\s"\\:,@%()<>;\[\]]|\\.)+'
    _key = re.compile(rb'("(?:[^"\\]|\\.)*"|' + _atom + rb"(?:\s+" + _atom + rb")*)\s*:\s*", re.S)
    _words = re.compile(rb"(" + _quoted + rb")|\s*(,)\s*|\s+", re.S)
    _plain = re.compile(rb"[^\s\"\\:,@%()<>;\[\]]+")

    def part(self, text: bytes) -> Parts:
        """Part a logical line."""
        found = self._key.match(text)
        if not found:
            raise ConfigError(
                f"{shown(text.split(b':')[0])} is no local name with a colon behind it",
                instead=f"write {self.form}, without a domain, "
                "and put other characters in double quotes",
            )
        key = self.unquoted(found.group(1))
        value = text[found.end() :].rstrip()
        if not key or not value:
            raise ConfigError(
                f"{shown(key)} has no value", instead=f'write {self.form}, "" for an empty one'
            )
        if b'"' in re.sub(self._quoted, b"", value, flags=re.S):
            raise _no_other_quote(text.rindex(b'"'))
        return Parts(key, value, found.end())

    def doubt(self, key: bytes) -> ConfigError | None:
        """Return None: what this syntax takes, Postfix takes in silence."""
        return None

    def unquoted(self, key: bytes) -> bytes:
        """Return a name without its quotes and backslashes."""
        in_quotes = len(key) > 1 and key[:1] == key[-1:] == b'"'
        name = key[1:-1] if in_quotes else fold_space(key)
        return re.sub(rb"\\(.)", rb"\1", name, flags=re.S)

    def same(self, value: bytes, wanted: bytes) -> bool:
        """Tell whether two lists of addresses differ in white space only."""
        return self._meaning(value) == self._meaning(wanted)

    def _meaning(self, value: bytes) -> bytes:
        return self._words.sub(lambda found: found[1] or found[2] or b" ", value)

    def render(self, key: bytes, value: bytes, gap: bytes = b" ") -> bytes:
        """Return the line of an entry, its name in quotes where that is needed."""
        if not self._plain.fullmatch(key):
            key = b'"' + re.sub(rb'(["\\])', rb"\\\1", key) + b'"'
        return key + b":" + gap + value


class Rules(Postmap):
    """``/pattern/flags value`` of regexp and pcre, with ``if`` and ``endif``; the first counts."""

    form = "/pattern/ and value"
    ordered = True
    splits = False
    _key = re.compile(
        rb"endif\b|(?:if\b\s*)?(?:!\s*)*([^\w\s])(?:\\.|(?!\1).)*\1?\S*|\S+", re.S | re.I
    )

    def part(self, text: bytes) -> Parts:
        """Part a logical line; what is wrong with a pattern, Postfix itself says."""
        end = len(matched(self._key, text))
        value = text[end:].strip()
        return Parts(text[:end], value, len(text) - len(text[end:].lstrip()))

    def doubt(self, key: bytes) -> ConfigError | None:
        """Return None: what is to be said of a pattern, Postfix says."""
        return None

    def fold(self, key: bytes) -> bytes:
        """Return the pattern: case counts."""
        return key

    def render(self, key: bytes, value: bytes, gap: bytes = b" ") -> bytes:
        """Return the line of a rule; ``if`` and ``endif`` have no value."""
        return key + gap + value if value else key


class Cidr(Rules):
    """``network/length value`` of cidr, with ``if`` and ``endif``; the first counts."""

    form = "network/length and value"
    _key = re.compile(rb"endif\b|(?:if\b\s*)?(?:!\s*)?\S+", re.I)

    def fold(self, key: bytes) -> bytes:
        """Return the network, whose hexadecimal digits may be of either case."""
        return key.lower()


SYNTAXES = {
    "postmap": Postmap,
    "postmap_files": Postmap,
    "postalias": Postalias,
    "regexp": Rules,
    "pcre": Rules,
    "cidr": Cidr,
}


def syntax(type_name: str, table_format: str, utf8: bool = True) -> Postmap:
    """Return the syntax of a table's lines.

    :arg utf8: whether Postfix reads tables as UTF-8 (``smtputf8_enable``).
    """
    return SYNTAXES.get(type_name, SYNTAXES[table_format])(utf8)

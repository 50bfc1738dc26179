"""Made-up lookup tables and alias files, as odd as people and programs write them."""

from __future__ import annotations

from random import Random

KEYS = (
    "a",
    "A",
    "b.c@d.example",
    "É",
    "é",
    "straße",
    "STRASSE",
    '"q r"',
    '"Q R"',
    "x\\ y",
    "ı",
    "İ",
)
ODD_KEYS = ("c:", '"open', "e\\", '""', "\\", "#d", "f#", "[h]:25", "\u0130i", "ǅ", "\v")
VALUES = ("OK", "REJECT go  away", "smtp:[h]:25", "é", '"v', "#", "\\", "x # y", ":", "")
SPACES = (" ", " ", " ", "\t", "  ", "\n ", "\n\t", "\n# comment\n  ", "\n\n ", "\f", "\r")
BETWEEN = ("# comment", "#", "", "", "  ", " # comment", " stray", "\t", "\r")

NAMES = ("root", "Root", "a-b", "a.b", '"q r"', '"a@b"', "é", "a b", "x", "\\a", '"a"b')
ODD_NAMES = ("a@b", "a,b", "", '""', "<a>", "a(b)", "%a", "[a]", "a;b", '"open', ":include:/x")
ADDRESSES = ("a", "a@b.example", "a, b", "a,b", "a,\n  b", '"|cmd x"', "|cmd", "/dev/null", '"q r"')
ODD_ADDRESSES = (
    ":include:/x",
    '"open',
    "",
    "é",
    '""',
    "a b",
    '"/x y", z',
    "a,,b",
    "\\a",
    "a@[1.2.3.4]",
)


def _finished(random: Random, lines: list[str]) -> bytes:
    data = ("\n".join(lines) + ("\n" if random.random() < 0.8 else "")).encode()
    if random.random() < 0.1:
        data = data.replace(b"\n", b"\r\n")
    if random.random() < 0.1:
        data = data.replace("é".encode(), b"\xe9")
    if random.random() < 0.05:
        data = b"\xef\xbb\xbf" + data
    return data


def _pick(random: Random, usual: tuple[str, ...], odd: tuple[str, ...], share: float) -> str:
    return random.choice(odd if random.random() < share else usual)


def table(random: Random, odd: float = 0.2) -> bytes:
    """Return a table for postmap; ``odd`` is the share of keys that may be none."""
    lines = []
    for number in range(random.randrange(10)):
        if random.random() < 0.3:
            lines.append(random.choice(BETWEEN))
        else:
            key = _pick(random, (*KEYS, f"k{number}"), ODD_KEYS, odd)
            lines.append(key + random.choice(SPACES) + random.choice(VALUES))
    return _finished(random, lines)


def aliases(random: Random) -> bytes:
    """Return a file for postalias."""
    lines = []
    for number in range(random.randrange(8)):
        if random.random() < 0.3:
            lines.append(random.choice(BETWEEN))
        else:
            name = _pick(random, (*NAMES, f"k{number}"), ODD_NAMES, 0.2)
            colon = random.choice((":", ": ", ":\t", " : ", ":\n  ", ""))
            lines.append(name + colon + _pick(random, ADDRESSES, ODD_ADDRESSES, 0.3))
    return _finished(random, lines)

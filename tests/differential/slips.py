"""Made-up slips of people who configure Postfix: one in each copy of a configuration that works.

What Postfix makes of a slip is not known here; the real one is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

BASES = Path(__file__).parents[1] / "fixtures" / "postfix" / "slips"
CONFIGURATIONS = {
    folder.name: {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    for folder in sorted(BASES.iterdir())
}
PARAMETER = re.compile(r"([\w.:]+)( *= *)(.*)")
OPTION = re.compile(r"(\s+-o (?:{ )?)(\w+)( ?= ?)(.*?)( })?")


@dataclass
class Slip:
    """A configuration with a slip: what kind it is, and the file and the lines it touches."""

    base: str
    kind: str
    file: str
    lines: tuple[int, ...]
    files: dict[str, bytes]

    def __str__(self) -> str:
        text = self.files.get(self.file, b"").decode("utf-8", "replace").split("\n")
        shown = " / ".join(text[line - 1] for line in self.lines if line <= len(text))
        return f"{self.base} {self.kind} {self.file}:{self.lines} {shown}"


@dataclass
class Place:
    """A line of a file that a slip may happen to; ``number`` counts from 0."""

    random: Random
    lines: list[str]
    number: int

    @property
    def line(self) -> str:
        return self.lines[self.number]

    def put(self, *lines: str) -> list[str]:
        """Return the file with other lines in the place of this one."""
        return [*self.lines[: self.number], *lines, *self.lines[self.number + 1 :]]

    def swap(self, pattern: str, *others: str | Callable[[re.Match[str]], str]) -> list[str]:
        """Return the file with one match of a pattern in this line replaced; as it was if none."""
        found = list(re.finditer(pattern, self.line))
        if not found:
            return self.lines
        match, other = self.random.choice(found), self.random.choice(others)
        text = other(match) if callable(other) else match.expand(other)
        return self.put(self.line[: match.start()] + text + self.line[match.end() :])

    def mistyped(self, word: str) -> str:
        """Return a word with a letter dropped, doubled, swapped or changed."""
        at = self.random.randrange(len(word))
        return self.random.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
                word[:at] + self.random.choice("aeinorst") + word[at + 1 :],
            )
        )


def _mistype(pattern: str) -> Callable[[Place], list[str]]:
    return lambda place: place.swap(pattern, lambda match: place.mistyped(match[0]))


def _swap(pattern: str, *others: str) -> Callable[[Place], list[str]]:
    return lambda place: place.swap(pattern, *others)


def _another(place: Place) -> list[str]:
    """Add a line for the same parameter with another value."""
    match = PARAMETER.fullmatch(place.line)
    others = ("x.test", "10", "yes", "hash:/etc/postfix/other")
    if not match or place.line.endswith(",") or not match[3]:
        return place.lines
    return place.put(place.line, f"{match[1]} = {place.random.choice(others)}")


def _without_continuation(place: Place) -> list[str]:
    return place.put(place.line.lstrip())


def _indented(place: Place) -> list[str]:
    return place.put(place.random.choice((" ", "  ", "\t", "    ")) + place.line)


VALUE = r"(?<== )\S.*"
ROWS: dict[str, tuple[str, Callable[[Place], list[str]]]] = {}

MAIN = {
    "name mistyped": (r"\w+ =", _mistype(r"^\w+(?= =)")),
    "name in other letters": (r"\w+ =", _swap(r"^(\w)(\w+)", r"\1-\2", r"X\1\2", r"\1\2s")),
    "hyphen in a name": (r"\w+_\w+ =", _swap(r"^([a-z]+)_", r"\1-", r"\1", r"\1.", r"\1__")),
    "word mistyped": (r"[\w.:]+ = .*[a-z]{4}", _mistype(r"(?<=[ =,:/{])[a-z_]{4,}")),
    "word of a continuation mistyped": (r"\s+\S", _mistype(r"[a-z_]{4,}")),
    "boolean": (
        r".* = (?:yes|no)$",
        _swap(
            VALUE,
            *("true", "on", "1", "oui", "yse", "y", "n", "nope", "''", "yes;", '"no"', "no."),
            "yes # always",
        ),
    ),
    "number": (
        r".* = \d+$",
        _swap(
            VALUE,
            r"\g<0>k",
            r"\g<0>M",
            r"\g<0>.5",
            r"O\g<0>",
            "ten",
            r"\g<0> mails",
            "unlimited",
            r"\g<0>%",
            "none",
            "1,000",
            r"\g<0>;",
        ),
    ),
    "time": (
        r".* = \d+[smhd]$",
        _swap(
            VALUE,
            "5y",
            "h",
            "five",
            "5x",
            "1.5h",
            "'1h'",
            "m5",
            "3 days",
            "5min",
            "1h30m",
            "soon",
            ";5s",
        ),
    ),
    "equals missing": (r".* = \S", _swap(" = ", " ", ": ", " : ", "")),
    "equals doubled": (r".* = \S", _swap(" = ", " == ", " = = ", " => ", " := ")),
    "indented": (r"\w+ =", _indented),
    "continuation at the margin": (r"\s+\S", _without_continuation),
    "comma": (r".*, ", _swap(",? ", ";", " ; ", ". ", ",,", "/", "|", "")),
    "words joined": (r".*\w,? \w+[, ]", _swap(r"(?<=\w),? (?=\w)", "", "_", "-", "+")),
    "comment behind": (r".* = \S+$", _swap("$", " # as Bob said", " // old", " #", " ; was none")),
    "quoted": (
        r".* = \S",
        _swap(
            VALUE, r'"\g<0>"', r"'\g<0>'", r"<\g<0>>", r"`\g<0>`", "\u201c\\g<0>\u201d", r'"\g<0>'
        ),
    ),
    "twice": (r"\w+ = \S", _another),
    "table type": (
        r".*(?:hash|regexp|pcre|cidr|btree|texthash|inline|static):",
        _swap(
            r"\b(?:hash|regexp|pcre|cidr|btree|texthash|inline|static)(?=:)",
            "hsah",
            "has",
            "regex",
            "perl",
            "dbm",
            "ldpa",
            "mysq",
            "file",
            "text",
            "cird",
            "db",
            "Hash",
            "hash:hash",
        ),
    ),
    "colon of a table": (
        r".*\w:/",
        _swap(r"(\w+):/", r"\1: /", r"\1 :/", r"\1/", r"/", r"\1;/", r"\1=/", r"\1:", r"\1:\1:/"),
    ),
    "path of a table": (r".*\w:/", _mistype(r"(?<=/etc/postfix/)\w+")),
    "no path": (
        r".*:/etc/",
        _swap(r"/etc/postfix/", "", "/etc/", "/etc/postfx/", "./", "/etc/postfix", "~/", r"C:\\"),
    ),
    "reference": (
        r".*\$",
        _swap(
            r"\$\{?(\w+)\}?",
            r"${\1",
            r"$(\1",
            r"$\1}",
            r"$ \1",
            r"${ \1 }",
            r"%\1",
            r"$\1x",
            r"$${\1}",
            r"${\1?",
            r"$",
            r"${}",
            r"{$\1",
        ),
    ),
    "reference mistyped": (r".*\$", _mistype(r"(?<=\$)\w+")),
    "address": (
        r".*\d\.\d",
        _swap(
            r"\d+(?:\.\d+){3}(?:/\d+)?(?:\]:\d+)?",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "300.1.1.1",
            "10.0.0",
            "10.0.0.0-24",
            "10.0.0.*",
            "127.0.0.1:99999",
            "10.0.0.0/",
            "127.0,0.1",
            "10.0.0.0/255.0.0.0",
        ),
    ),
    "brackets": (
        r".*\[",
        _swap(
            r"\[([^\]]*)\]",
            r"[\1",
            r"\1]",
            r"[[\1]]",
            r"(\1)",
            r"[\1]x",
            r"[]",
            r"[\1]:25:26",
            r"[ \1 ]",
        ),
    ),
    "braces": (r".*\{", _swap(r"[{}]", "", "(", "{{", "}")),
    "restriction without its table": (
        r".*check_\w+ ",
        _swap(r" \w+:\S+", "", " ,", r" {\g<0>", " OK", r", \g<0>"),
    ),
    "line cut": (r".* = .{12}", _swap(r"(?<=\w) (?=\w)|(?<=, )", "\n")),
    "carriage of a word processor": (
        r".* = .*-|.* = .* ",
        _swap(r"[ -](?=\w)", "\u2013", "\u00a0", "\u2011"),
    ),
    "accent": (r".* = .*e", _swap(r"e", "\u00e9", "\u0435")),
    "value gone": (r"\w+ = \S+$", _swap(VALUE, "")),
    "shell": (
        r".* = \S",
        _swap(
            r"^(\w+) = ",
            r"export \1=",
            r"postconf -e \1=",
            r"set \1 ",
            r"- \1 = ",
            r"$\1 = ",
            r"-o \1=",
            r"+ \1 = ",
        ),
    ),
}

FLAGS = r"^(\S+ +\S+ +)(\S)( +)(\S)( +)(\S)( +)(\S+)( +)(\S+)( +)(\S+)()"
MASTER = {
    "column missing": (r"\S+ +(?:inet|unix)", _swap(r" [-yn]\b(?: |$)| [-\dn] +", " ")),
    "column too many": (
        r"\S+ +(?:inet|unix)",
        _swap(r" [-yn\d] +", r"\g<0>- ", r"\g<0>n ", r"\g<0>0 "),
    ),
    "private": (
        r"\S+ +(?:inet|unix)",
        _swap(
            FLAGS,
            *(
                rf"\g<1>{v}\g<3>\4\5\6\7\8\9\10\11\12"
                for v in ("Y", "yes", "N", "x", "+", "1", "y", "--")
            ),
        ),
    ),
    "chroot": (
        r"\S+ +(?:inet|unix)",
        _swap(
            FLAGS,
            *(
                rf"\1\2\3\4\g<5>{v}\g<7>\8\9\10\11\12"
                for v in ("Y", "no", "j", "0", "_", "N", "non")
            ),
        ),
    ),
    "wakeup": (
        r"\S+ +(?:inet|unix)",
        _swap(
            FLAGS,
            *(
                rf"\1\2\3\4\5\6\g<7>{v}\g<9>\10\11\12"
                for v in ("?", "-?", "60s", "1m", "n", "1000!", "y", "60,")
            ),
        ),
    ),
    "maxproc": (
        r"\S+ +(?:inet|unix)",
        _swap(
            FLAGS,
            *(
                rf"\1\2\3\4\5\6\7\8\g<9>{v}\g<11>\12"
                for v in ("n", "10!", "ten", "-1", "1x", "y", "1000?", "*")
            ),
        ),
    ),
    "type": (
        r"\S+ +(?:inet|unix)",
        _swap(
            r" (?:inet|unix|pass)\b",
            " tcp",
            " inet6",
            " Unix",
            " ient",
            " unxi",
            " socket",
            " inet:",
            " ipv4",
        ),
    ),
    "type taken for the other": (
        r"\S+ +(?:inet|unix)",
        _swap(r" (?:inet|unix)\b", " inet", " unix", " fifo", " pass"),
    ),
    "command mistyped": (r"\S+ +(?:inet|unix)", _mistype(r"[a-z-]{3,}$")),
    "command": (
        r"\S+ +(?:inet|unix)",
        _swap(
            r"\S+$",
            "-",
            "/usr/lib/postfix/sbin/smtpd",
            "postfix/smtpd",
            "SMTPD",
            r"\g<0>,",
            r"\g<0> -v -x",
            r"\g<0> reject",
            r"\g<0> -z",
            r"\g<0>;",
            "procmail",
        ),
    ),
    "service mistyped": (r"\S+ +(?:inet|unix)", _mistype(r"^[\w-]+")),
    "port": (
        r"\S+ +inet",
        _swap(
            r"^\S+",
            "99999",
            "0",
            "submision",
            "localhost:",
            ":25",
            "smtp/tcp",
            "25,26",
            "1.2.3:25",
            "[127.0.0.1:25",
            "nohost.test:25",
            "[::1:25",
            "*:25",
            "127.0.0.1.25",
            "300.0.0.1:25",
        ),
    ),
    "service again": (r"\S+ +(?:inet|unix)", lambda place: place.put(place.line, place.line)),
    "service a comment": (
        r"\S+ +(?:inet|unix)",
        _swap("^", "#", "# ", ";", "//", "<!-- ", "-", "%"),
    ),
    "service indented": (r"\S+ +(?:inet|unix)", _indented),
    "option without value": (r"\s+-o", _swap(r"=.*", "", " ", "==", ":x")),
    "spaces at the equals sign": (r"\s+-o \w", _swap(r"=", " = ", "= ", " =")),
    "option at the margin": (r"\s+-o", _without_continuation),
    "spaces in an option": (r"\s+-o \w.*,", _swap(r",", ", ", " , ", " ", "; ", " and ")),
    "option's dash": (
        r"\s+-o",
        _swap(
            r"-o ",
            "o ",
            "- o ",
            "--o ",
            "\u2013o ",
            "-O ",
            "-0 ",
            "-o=",
            "-oo ",
            "",
            "-o -o ",
            "/o ",
        ),
    ),
    "option mistyped": (r"\s+-o", _mistype(r"(?<=-o )\w+|(?<=\{ )\w+")),
    "value of an option mistyped": (r"\s+-o .*=.*[a-z]{3}", _mistype(r"(?<=[=,])[a-z_]{2,}")),
    "value of an option": (
        r"\s+-o",
        _swap(
            r"=.*",
            "=maybe",
            "=yes;",
            "=true",
            '="yes"',
            "=10k",
            "=$nothing",
            "=hash:/nowhere",
            "=<x>",
            "=no,yes",
            "={x",
            "=x}",
            "=permit_all",
        ),
    ),
    "braces of an option": (r"\s+-o \{", _swap(r" ?[{}] ?", "", "{{ ", "( ", "}x", " }")),
    "pipe attribute": (
        r".*argv=",
        _swap(r"\b(?:user|argv|flags)=", "usr=", "arg=", "flag=", "User=", "argv =", "user:", ""),
    ),
    "pipe user": (
        r".*user=",
        _swap(
            r"user=\S+",
            "user=nobdy",
            "user=root",
            "user=",
            "user=nobody:nogrp",
            "user=0",
            "user",
            "user=nobody,",
        ),
    ),
    "pipe program": (
        r".*argv=",
        _swap(r"argv=\S+", "argv=", "argv=/bin/treu", "argv=true", "argv=./x", "argv=$x"),
    ),
    "pipe flags": (
        r".*flags=",
        _swap(r"flags=\w+", "flags=Z", "flags=-R", "flags=R,h", "flags", "flags=", "flags=r"),
    ),
    "comment behind a service": (r"\S+ +(?:inet|unix)", _swap("$", " # ours", " // x", " #")),
}

TABLES = {
    "value missing": (r"[^#/\s]\S* .*\S", _swap(r"\s+\S.*", "", " ", "\t")),
    "key twice": (r"\S", lambda place: place.put(place.line, place.line.split()[0] + " other")),
    "row indented": (r"[^\s#]", _indented),
    "word of a value mistyped": (r"\S+ .*[a-z]{4}", _mistype(r"(?<=\s)\w[\w-]{2,}|(?<=:)\w{4,}")),
    "action": (
        r".*\b(?:REJECT|DUNNO|OK|IGNORE|WARN)\b",
        _swap(
            r"\b(?:REJECT|DUNNO|OK|IGNORE|WARN)\b",
            "REJCET",
            "DENY",
            "ACCEPT",
            "DUNO",
            "Reject!",
            "REJECT:",
            "OKAY",
            "FILTER scann:x",
            "700",
            "HOLDD",
            "DROP",
            "REDIRECT",
        ),
    ),
    "separator": (r"\S+ \S", _swap(r":? ", "=", ",", ":", " = ", " : ", ";", "")),
    "end of a pattern": (
        r"/.*/",
        _swap(r"/i? (?=[A-Z$])", " ", "/q ", "\\\\/ ", "|", ")/ ", "[/ ", "(/ "),
    ),
    "start of a pattern": (
        r"/.*/",
        _swap(r"^/", "", "#/", "//", "/(", "/[", "/*", "if /", "endif /", "/\\\\"),
    ),
    "network": (
        r"[\d:]",
        _swap(
            r"^\S+",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0",
            "300.0.0.0/8",
            "10.0.0.0\\24",
            "fe80::/129",
            "example.test",
            "10.0.0.0-10.0.0.9",
        ),
    ),
    "quote": (r"\S", _swap(r"^\S+|\S+$", r'"\g<0>', r'\g<0>"', r"'\g<0>'")),
    "accent": (r"\S", _swap("e", "\u00e9")),
    "colon of an alias": (r"\w+: ", _swap(":", "", "=", " ;")),
}

KINDS = [
    *(("main.cf", f"main.cf: {kind}", *how) for kind, how in MAIN.items()),
    *(("master.cf", f"master.cf: {kind}", *how) for kind, how in MASTER.items()),
    *(("", f"table: {kind}", *how) for kind, how in TABLES.items()),
]
WEIGHTS = [{"main.cf": 4, "master.cf": 2, "": 1}[file] for file, *_rest in KINDS]


def slips(random: Random, defaults: dict[str, str]) -> Iterator[Slip]:
    """Yield slips without end, each another one.

    :arg defaults: the parameters of Postfix, of which any may get a value that it cannot have.
    """
    seen = set()
    while True:
        slip = _ill_valued(random, defaults) if random.random() < 0.15 else _slip(random)
        if slip and (slip.base, slip.file, slip.files.get(slip.file), slip.kind) not in seen:
            seen.add((slip.base, slip.file, slip.files.get(slip.file), slip.kind))
            yield slip


def _slip(random: Random) -> Slip | None:
    base = random.choice(list(CONFIGURATIONS))
    files = CONFIGURATIONS[base]
    [(file, kind, pattern, change)] = random.choices(KINDS, WEIGHTS)
    if not file:
        tables = [name for name in files if "." not in name]
        file = random.choice(tables)
    text = files[file].decode()
    lines = text.split("\n")
    places = [n for n, line in enumerate(lines) if line[:1] != "#" and re.match(pattern, line)]
    if not places:
        return None
    number = random.choice(places)
    changed = change(Place(random, lines, number))
    if changed == lines:
        return None
    more = len("\n".join(changed).split("\n")) - len(lines)
    touched = tuple(range(number + 1, number + 2 + more))
    return Slip(base, kind, file, touched, {**files, file: "\n".join(changed).encode()})


ILL = {
    r"(?i:yes|no)": ("true", "on", "0", "yess", "nein", "yes no", "-", "disable"),
    r"-?\d+": ("x", "1k", "2 3", "0x10", "many", "5s", "1e3", "--1"),
    r"\d+[smhdw]": ("x", "5 minutes", "1y", "s", "-", "never", "1h,2h", "5S0"),
}


def _ill_valued(random: Random, defaults: dict[str, str]) -> Slip | None:
    """Return a slip that gives any parameter a value that its type does not have."""
    base = random.choice(list(CONFIGURATIONS))
    files = CONFIGURATIONS[base]
    name = random.choice(list(defaults))
    values = next((v for shape, v in ILL.items() if re.fullmatch(shape, defaults[name])), None)
    text = files["main.cf"].decode()
    of_others = re.match(r"(?:bsmtp|ifmail|maildrop|mailman|scalemail-backend|uucp)_", name)
    if not values or of_others or re.search(rf"^{name} ", text, re.MULTILINE):
        return None
    text += f"{name} = {random.choice(values)}\n"
    line = text.count("\n")
    return Slip(base, "any value", "main.cf", (line,), {**files, "main.cf": text.encode()})

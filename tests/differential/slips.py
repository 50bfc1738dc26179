"""Made-up slips of people who configure Postfix: one in each copy of a configuration that works.

What Postfix makes of a slip is not known here; the real one is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.differential.slip_place import Place
from tests.differential.slips_of_main_cf import MAIN
from tests.differential.slips_of_master_cf import MASTER
from tests.differential.slips_of_tables import TABLES

BASES = Path(__file__).parents[1] / "fixtures" / "postfix" / "slips"
CONFIGURATIONS = {
    folder.name: {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    for folder in sorted(BASES.iterdir())
}


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
    # In an order that is the same in every run: some of them come out of a set.
    name = random.choice(sorted(defaults))
    values = next((v for shape, v in ILL.items() if re.fullmatch(shape, defaults[name])), None)
    text = files["main.cf"].decode()
    of_others = re.match(r"(?:bsmtp|ifmail|maildrop|mailman|scalemail-backend|uucp)_", name)
    if not values or of_others or re.search(rf"^{name} ", text, re.MULTILINE):
        return None
    text += f"{name} = {random.choice(values)}\n"
    line = text.count("\n")
    return Slip(base, "any value", "main.cf", (line,), {**files, "main.cf": text.encode()})

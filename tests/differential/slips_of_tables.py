"""Slips in tables by their kinds: the lines that each may happen to, and what becomes of one."""

from __future__ import annotations

from tests.differential.slip_place import indented, mistype, swap

TABLES = {
    "value missing": (r"[^#/\s]\S* .*\S", swap(r"\s+\S.*", "", " ", "\t")),
    "key twice": (r"\S", lambda place: place.put(place.line, place.line.split()[0] + " other")),
    "row indented": (r"[^\s#]", indented),
    "word of a value mistyped": (r"\S+ .*[a-z]{4}", mistype(r"(?<=\s)\w[\w-]{2,}|(?<=:)\w{4,}")),
    "action": (
        r".*\b(?:REJECT|DUNNO|OK|IGNORE|WARN)\b",
        swap(
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
    "separator": (r"\S+ \S", swap(r":? ", "=", ",", ":", " = ", " : ", ";", "")),
    "end of a pattern": (
        r"/.*/",
        swap(r"/i? (?=[A-Z$])", " ", "/q ", "\\\\/ ", "|", ")/ ", "[/ ", "(/ "),
    ),
    "start of a pattern": (
        r"/.*/",
        swap(r"^/", "", "#/", "//", "/(", "/[", "/*", "if /", "endif /", "/\\\\"),
    ),
    "network": (
        r"[\d:]",
        swap(
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
    "quote": (r"\S", swap(r"^\S+|\S+$", r'"\g<0>', r'\g<0>"', r"'\g<0>'")),
    "accent": (r"\S", swap("e", "\u00e9")),
    "colon of an alias": (r"\w+: ", swap(":", "", "=", " ;")),
}

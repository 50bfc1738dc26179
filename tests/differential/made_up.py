"""Made-up main.cf and master.cf files, as odd as people and programs write them."""

from __future__ import annotations

from random import Random

NETWORKS = ("a", "b-c", "example.test", "127.0.0.0/8", "[::1]/128", "!x", "hash:/etc/postfix/y")
ODD = ("é", "#", "{", "}", "{a}", "{b,c}", "=", "a=b", ",", ",,", ":", ";", '"', "'", "\\")
WORDS = (*NETWORKS, *ODD, "$mydomain", "${data_directory}/x", "permit", "no", "yes", "10", "5m")
SPACES = (" ", " ", " ", "  ", "\t", " \t ")
COMMENTS = ("# comment", "#", "  # inside", "#a = b", "", "", " ", "\t", "\x0b", "#  -o a=b")


def _value(random: Random, most: int = 6) -> str:
    """Return words and what stands between them, lines included."""
    text = ""
    for _number in range(random.randrange(most)):
        text += random.choice(WORDS)
        if random.random() < 0.2:
            text += "\n"
            while random.random() < 0.3:
                text += random.choice(COMMENTS) + "\n"
            text += random.choice(SPACES)
        else:
            text += random.choice((*SPACES, ",", ", "))
    return text.rstrip("\n")


def _finished(random: Random, lines: list[str]) -> bytes:
    """Return the file of these lines, with the ending that it happens to have."""
    text = "\n".join(lines) + ("\n" if random.random() < 0.8 else "")
    data = text.encode()
    if random.random() < 0.1:
        data = data.replace(b"\n", b"\r\n")
    if random.random() < 0.1:
        data = data.replace("é".encode(), b"\xe9")
    return data


def main_cf(random: Random, names: list[str]) -> bytes:
    """Return a main.cf that sets some of these parameters, a few of them more than once."""
    lines = [" stray", "  # stray"][: random.choice((0, 0, 0, 1, 2))]
    for _number in range(random.randrange(12)):
        if random.random() < 0.3:
            lines.append(random.choice(COMMENTS))
        elif random.random() < 0.002:
            lines.append(random.choice(("foo bar", "= x", "word", "a b = c", "\x0cx", "$x y = z")))
        else:
            equals = random.choice(("=", " = ", "\t=  ", "\n =", " =\n  # c\n\t", " \n\n ="))
            lines.append(random.choice(names) + equals + _value(random))
    return _finished(random, lines)


JOINED = ("smtpd_milters=x", "inet_interfaces={x}", "smtpd_milters=", "mail_name=é=a")
"""Without a second letter o: postconf cuts -oname=value there (pcf_normalize_daemon_args())."""

OPTION_NAMES = ("syslog_name", "smtpd_tls_security_level", "content_filter", "mynetworks")
OPTION_VALUES = ("", "x", "$mydomain", "permit_mynetworks,reject", "a=b", "é", "{x}", "a{b}c")
ARGUMENTS = (
    "user=nobody",
    "flags=DRhu",
    "argv=/bin/true -f ${sender}",
    "{argv=/bin/true a b}",
    "{ x  y }",
    "{}",
    "--",
    "x{ y z }w",
    "'a",
    'b"',
)


def _option(random: Random) -> str:
    name, value = random.choice(OPTION_NAMES), random.choice(OPTION_VALUES)
    spaced = random.choice(("x y", "permit_mynetworks, reject", " a ", "{x} {y}", ""))
    return random.choice(
        (
            f"-o {name}={value}",
            f"-o {name}={value}",
            f"-o{random.choice(JOINED)}",
            f"-o {{ {name} = {spaced} }}",
            f"-o {{{name}={spaced}}}",
            "-v",
            "-D",
        )
    )


def master_cf(random: Random) -> bytes:
    """Return a master.cf that postconf takes: master may well refuse it."""
    lines = [" stray"][: random.choice((0, 0, 0, 1))]
    for _number in range(random.randrange(8)):
        if random.random() < 0.3:
            lines.append(random.choice(COMMENTS))
            continue
        name, kind = random.choice(
            (
                ("smtp", "inet"),
                ("127.0.0.1:2525", "inet"),
                ("[::1]:25", "inet"),
                ("cleanup", "unix"),
                ("x-y.z", "unix-dgram"),
                ("q", "fifo"),
                ("p", "pass"),
            )
        )
        cells = [
            name,
            kind,
            random.choice("yn-"),
            random.choice("yn-"),
            random.choice("yn-"),
            random.choice(("-", "0", "60", "300?")),
            random.choice(("-", "0", "1", "100")),
            random.choice(("smtpd", "pipe", "cleanup", "x/y")),
        ]
        words = [_option(random) for _number in range(random.choice((0, 0, 1, 2, 4)))]
        words += random.sample(ARGUMENTS, random.choice((0, 0, 1, 3)))
        text = random.choice(SPACES).join(cells)
        for word in words:
            if random.random() < 0.5:
                text += "\n"
                while random.random() < 0.2:
                    text += random.choice(COMMENTS) + "\n"
            text += random.choice(SPACES) + word
        lines.append(text)
    return _finished(random, lines)

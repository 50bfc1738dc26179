"""Slips in master.cf by their kinds: the lines that each may happen to, and what becomes of one."""

from __future__ import annotations

from tests.differential.slip_place import indented, mistype, swap, without_continuation

FLAGS = r"^(\S+ +\S+ +)(\S)( +)(\S)( +)(\S)( +)(\S+)( +)(\S+)( +)(\S+)()"
MASTER = {
    "column missing": (r"\S+ +(?:inet|unix)", swap(r" [-yn]\b(?: |$)| [-\dn] +", " ")),
    "column too many": (
        r"\S+ +(?:inet|unix)",
        swap(r" [-yn\d] +", r"\g<0>- ", r"\g<0>n ", r"\g<0>0 "),
    ),
    "private": (
        r"\S+ +(?:inet|unix)",
        swap(
            FLAGS,
            *(
                rf"\g<1>{v}\g<3>\4\5\6\7\8\9\10\11\12"
                for v in ("Y", "yes", "N", "x", "+", "1", "y", "--")
            ),
        ),
    ),
    "chroot": (
        r"\S+ +(?:inet|unix)",
        swap(
            FLAGS,
            *(
                rf"\1\2\3\4\g<5>{v}\g<7>\8\9\10\11\12"
                for v in ("Y", "no", "j", "0", "_", "N", "non")
            ),
        ),
    ),
    "wakeup": (
        r"\S+ +(?:inet|unix)",
        swap(
            FLAGS,
            *(
                rf"\1\2\3\4\5\6\g<7>{v}\g<9>\10\11\12"
                for v in ("?", "-?", "60s", "1m", "n", "1000!", "y", "60,")
            ),
        ),
    ),
    "maxproc": (
        r"\S+ +(?:inet|unix)",
        swap(
            FLAGS,
            *(
                rf"\1\2\3\4\5\6\7\8\g<9>{v}\g<11>\12"
                for v in ("n", "10!", "ten", "-1", "1x", "y", "1000?", "*")
            ),
        ),
    ),
    "type": (
        r"\S+ +(?:inet|unix)",
        swap(
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
        swap(r" (?:inet|unix)\b", " inet", " unix", " fifo", " pass"),
    ),
    "command mistyped": (r"\S+ +(?:inet|unix)", mistype(r"[a-z-]{3,}$")),
    "command": (
        r"\S+ +(?:inet|unix)",
        swap(
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
    "service mistyped": (r"\S+ +(?:inet|unix)", mistype(r"^[\w-]+")),
    "port": (
        r"\S+ +inet",
        swap(
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
        swap("^", "#", "# ", ";", "//", "<!-- ", "-", "%"),
    ),
    "service indented": (r"\S+ +(?:inet|unix)", indented),
    "option without value": (r"\s+-o", swap(r"=.*", "", " ", "==", ":x")),
    "spaces at the equals sign": (r"\s+-o \w", swap(r"=", " = ", "= ", " =")),
    "option at the margin": (r"\s+-o", without_continuation),
    "spaces in an option": (r"\s+-o \w.*,", swap(r",", ", ", " , ", " ", "; ", " and ")),
    "option's dash": (
        r"\s+-o",
        swap(
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
    "option mistyped": (r"\s+-o", mistype(r"(?<=-o )\w+|(?<=\{ )\w+")),
    "value of an option mistyped": (r"\s+-o .*=.*[a-z]{3}", mistype(r"(?<=[=,])[a-z_]{2,}")),
    "value of an option": (
        r"\s+-o",
        swap(
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
    "braces of an option": (r"\s+-o \{", swap(r" ?[{}] ?", "", "{{ ", "( ", "}x", " }")),
    "pipe attribute": (
        r".*argv=",
        swap(r"\b(?:user|argv|flags)=", "usr=", "arg=", "flag=", "User=", "argv =", "user:", ""),
    ),
    "pipe user": (
        r".*user=",
        swap(
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
        swap(r"argv=\S+", "argv=", "argv=/bin/treu", "argv=true", "argv=./x", "argv=$x"),
    ),
    "pipe flags": (
        r".*flags=",
        swap(r"flags=\w+", "flags=Z", "flags=-R", "flags=R,h", "flags", "flags=", "flags=r"),
    ),
    "comment behind a service": (r"\S+ +(?:inet|unix)", swap("$", " # ours", " // x", " #")),
}

"""A machine for the checks of a Postfix configuration that is made up of dictionaries."""

from __future__ import annotations

import os

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Examined, System
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.checks import Machine
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_defaults,
    read_references,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import read
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from tests.support.stock import FIXTURES, STOCK_MASTER

FOLDER = "/etc/postfix"
PORTS = {"smtp": 25, "submissions": 465, "submission": 587}
ADDRESSES = ("127.0.0.1", "localhost", "::1")
CERTIFICATE = "/etc/ssl/certs/ssl-cert-snakeoil.pem"
KEY = "/etc/ssl/private/ssl-cert-snakeoil.key"
USUAL = (
    CERTIFICATE,
    KEY,
    "/usr/bin/procmail",
    "/usr/bin/spamc",
    "/usr/local/bin/fluxrss.sh",
    "nobody",
    "clamav",
    "postfix",
    "postdrop",
    "/usr/sbin",
    "/usr/lib/postfix/sbin",
    "/var/spool/postfix",
)
TYPES = ("btree", "cidr", "hash", "inline", "proxy", "regexp", "static", "texthash", "unionmap")
DEFAULTS = {
    release: {
        **dict.fromkeys(read_references((FIXTURES / release / "postconf-d").read_text()), ""),
        **read_defaults((FIXTURES / release / "postconf-dx").read_text()),
    }
    for release in ("debian-12", "debian-13")
}
SERVICES = b"".join(
    line
    for line in STOCK_MASTER["debian-12/master.cf.dist"].splitlines(keepends=True)
    if not line.startswith(b"smtp      inet")
)


def system(files, without=(), index=None, release="debian-12", types=()):
    """Return a machine with these files; what is usual is there too, unless it is without it."""
    files = {"/etc/aliases": b"root: tech\n", **files}
    there = {*files, *USUAL} - set(without)

    def examine(file, data):
        problems = read(data, syntax(file.type, file.format), file.path).problems
        return Examined(problems, (index or {}).get(file.path))

    def host(name):
        return None if name in ADDRESSES else f"{name} is no address of this machine"

    return System(
        read=lambda path: files.get(path) if path in there else None,
        exists=there.__contains__,
        has_user=there.__contains__,
        has_group=lambda name: name in ("nogroup", *there),
        machine=Machine(PORTS.get, host, None),
        examine=examine,
        defaults=DEFAULTS.get(release, {}),
        types=(*TYPES, *types) if release in DEFAULTS else (),
    )


def found(main=b"", master=b"", files=None, **more):
    """Return what is found in a configuration; master.cf goes on with the usual services."""
    files = dict(files or {})
    files[os.path.join(FOLDER, "main.cf")] = main
    files[os.path.join(FOLDER, "master.cf")] = master + b"\n" + SERVICES
    return lint(FOLDER, system(files, **more))


def place(finding):
    """Return path:line:column of a finding; the path without the instance's folder."""
    return f"{finding.path.removeprefix(FOLDER + '/')}:{finding.line}:{finding.column}"

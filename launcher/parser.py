"""An argparse that speaks the language of whoever types."""

from __future__ import annotations

import argparse
import re
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest
from launcher.language import tr

USAGE = 64
"""The exit code of words that make no sense (EX_USAGE of sysexits.h): 2 is that of a check."""


class Parser(ArgumentParser):
    """Speaks the language of whoever types, and ends with 64 where words make no sense."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(add_help=False, allow_abbrev=False, **options)
        self._positionals.title = tr("words")
        self._optionals.title = tr("options")
        self.add_argument("-h", "--help", action="help", help=tr("show this help"))

    def format_usage(self) -> str:
        """Return the usage."""
        return super().format_usage().replace("usage:", tr("usage:"), 1)

    def format_help(self) -> str:
        """Return the help."""
        return super().format_help().replace("usage:", tr("usage:"), 1)

    def error(self, message: str) -> NoReturn:
        """Say what makes no sense, and how it is written."""
        self.print_usage(sys.stderr)
        near = suggestion(message)
        print(f"{self.prog}: {translated(message)}{near}", file=sys.stderr)
        raise SystemExit(USAGE)


def suggestion(message: str) -> str:
    """Return which verb may be meant, of what argparse says where there is no such verb."""
    found = re.match(r"argument \S+: invalid choice: '(.*?)' \(choose from (.*)\)", message)
    verbs = re.findall(r"[a-z]+", found[2]) if found else []
    near = nearest(found[1], verbs) if found else None
    return tr("; did you mean {near}?", near=near) if near else ""


def translated(message: str) -> str:
    """Return what argparse says in the language of whoever types."""
    for start in (
        "the following arguments are required:",
        "unrecognized arguments:",
        "argument",
        "invalid choice:",
        "expected one argument",
    ):
        message = message.replace(start, tr(start))
    return message.replace("(choose from", tr("(choose from"))

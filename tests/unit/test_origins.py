"""What is fetched is what its origin signed: nothing that is shipped says to take it unasked."""

import re

import pytest

from tests.steps import ROOT

SHIPPED = ("launcher", "playbooks", "plugins", "roles", "toolchain")

UNASKED = re.compile(
    r"trusted\s*[=:]\s*yes|allow.?unauthenticated|allow.?insecure|--insecure\b|curl -k\b"
    r"|validate_certs:\s*(no|false)|verify\s*=\s*False|gpgcheck\s*[=:]\s*(0|no|false)",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "text", ["deb [trusted=yes] http://x", "apt-get --allow-unauthenticated", "verify = False"]
)
def test_what_is_looked_for_is_found(text):
    assert UNASKED.search(text)


def test_nothing_is_fetched_unasked():
    files = [path for name in SHIPPED for path in (ROOT / name).rglob("*") if path.is_file()]
    assert len(files) > 300
    texts = {path: path.read_text(errors="replace") for path in files if path.suffix != ".pyc"}
    assert [str(path) for path, text in texts.items() if UNASKED.search(text)] == []

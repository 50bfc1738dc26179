"""Why the end of a way is as it is, in French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._explain import reasons
from ansible_collections.labs.mail.plugins.module_utils._explain.question import End
from ansible_collections.labs.mail.plugins.module_utils._explain.reasons import in_french


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "/opt/filter decides what comes back; otherwise looping",
            "/opt/filter décide de ce qui revient\u202f; sinon tourne en rond",
        ),
        (
            "reject_rbl_client x.test (may permit); otherwise refused 554 5.7.1 no",
            "reject_rbl_client x.test (peut accepter)\u202f; sinon refusé 554 5.7.1 no",
        ),
        ("/var/mail/x cannot be created", "/var/mail/x ne peut pas être créé"),
        ("nothing listens at port 10025", "rien n'écoute au port 10025"),
        # What Postfix says is left as it is.
        ("550 5.1.1 is full", "550 5.1.1 is full"),
        ("554 5.7.1 x; Access denied", "554 5.7.1 x; Access denied"),
        ("", ""),
    ],
)
def test_reasons(english, french):
    assert in_french(english) == french


def test_an_end_says_so_in_each_language():
    said = End("a@b.test", "deferred", "there is no program /x").as_data()["sentence"]
    assert said["en"] == "a@b.test: stays in the queue, there is no program /x"
    assert said["fr"].endswith("reste dans la file, il n'y a pas de programme /x")


SOURCES = "".join(
    path.read_text()
    for path in Path(reasons.__file__).parent.glob("*.py")
    if path.name not in ("reasons.py", "sentences.py")
)


@pytest.mark.parametrize("english", [each.pattern for each, _french in reasons.PHRASES])
def test_what_is_put_into_french_is_what_the_explainer_says(english):
    plain = re.sub(r"\(\?[^)]*\|[^)]*\)|\([^)]*\)|[$^]", "\0", english).replace("\\", "")
    longest = max(plain.split("\0"), key=len).strip()
    if longest != "connection refused":  # that is strerror(3)'s word
        assert longest in SOURCES, longest

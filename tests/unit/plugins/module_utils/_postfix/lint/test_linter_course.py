"""Every slip of the course is found, and nothing in what the course has right."""

from __future__ import annotations

import pytest

from tests.support.course import RIGHT, SLIPS
from tests.support.lint_system import DEFAULTS, found, place


def look(case, release):
    return found(
        case.get("main.cf", "").encode(),
        case.get("master.cf", "").encode(),
        {path: text.encode() for path, text in case.get("files", {}).items()},
        without=case.get("without", ()),
        index=case.get("index"),
        types=case.get("types", ()),
        release=release,
    )


@pytest.mark.parametrize("release", DEFAULTS)
@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_slip_is_found_and_nothing_beside_it(slip, release):
    findings = look(slip, release)
    wanted = slip["finds"]
    assert [(place(f), f.severity) for f in findings] == [(w["at"], w["severity"]) for w in wanted]
    for finding, want in zip(findings, wanted):
        assert want["message"] in finding.message
        assert want["instead"] == finding.instead


@pytest.mark.parametrize("release", DEFAULTS)
@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_left_alone(case, release):
    assert look(case, release) == []

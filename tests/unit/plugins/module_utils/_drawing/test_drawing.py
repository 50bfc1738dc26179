"""Pictures: well-formed whatever stands in them, nothing over anything else, the same as text."""

from __future__ import annotations

import datetime
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.module_utils._drawing.mermaid import mermaid
from ansible_collections.labs.mail.plugins.module_utils._drawing.of_data import (
    of_explanation,
    of_path,
)
from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import (
    SIGNS,
    Event,
    Scene,
)
from ansible_collections.labs.mail.plugins.module_utils._drawing.svg import draw, width
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.render import as_data
from tests.support.amounts import EXAMPLES, LONG
from tests.support.mail_logs import FIXTURES

SVG = "{http://www.w3.org/2000/svg}"
LOGS = sorted((FIXTURES / "mail_log").rglob("*.log"))
MOST_BYTES, MOST_SECONDS = 30_000, 0.05

HOSTILE = st.text(max_size=80) | st.sampled_from(
    [
        "</text><script>alert(1)</script>", '" onload="alert(1)', "javascript:alert(1)",
        "]]>", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>", "\x00\x1b[2J", "\u202e",
        "&lt;script&gt;", "漢字" * 40, "x" * 5000, "\ud800", "a\nb", ";end", "%%{init}%%",
    ]
)  # fmt: skip
EVENTS = st.builds(
    Event,
    HOSTILE,
    HOSTILE,
    HOSTILE | st.just(""),
    st.sampled_from(sorted(SIGNS)),
    st.none() | st.floats(0, 1e6),
)


def elements(svg):
    return ElementTree.fromstring(svg).iter()


def boxes(svg):
    """Yield the places of all texts: left, top, right, bottom."""
    for each in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        x, y = float(each.get("x")), float(each.get("y"))
        yield x, y - 12, x + width(each.text or ""), y + 4


def paths():
    for log in LOGS:
        today = datetime.date(2026, 12, 1)
        trace = follow(log.read_text(errors="replace"), today, Selection())
        for path in trace.paths:
            yield log.name, as_data(path)


@settings(max_examples=EXAMPLES if LONG else 200, deadline=None)
@given(HOSTILE, st.lists(EVENTS, max_size=6), st.booleans())
def test_hostile_strings_are_text(title, events, would):
    svg = draw(Scene(title, would, events))
    for each in elements(svg):
        assert each.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "rect", "text", "line", "polygon", "circle",
        }  # fmt: skip
        assert not any(name.startswith("on") or "href" in name for name in each.attrib)
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in svg)


@settings(max_examples=200, deadline=None)
@given(HOSTILE, st.lists(EVENTS, max_size=6))
def test_mermaid_has_a_line_for_each_event(title, events):
    scene = Scene(title, False, events)
    lines = mermaid(scene).splitlines()
    assert len(lines) == 1 + len(scene.lanes) + len(events)
    assert not any("<" in line or "%%" in line for line in lines)


def overlapping(svg):
    found = sorted(boxes(svg), key=lambda box: box[1])
    return [
        (one, other)
        for at, one in enumerate(found)
        for other in found[at + 1 :]
        if other[1] < one[3] and one[0] < other[2] and other[0] < one[2]
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.lists(EVENTS, max_size=6))
def test_no_text_lies_over_another(title, events):
    svg = draw(Scene(title, False, events))
    assert not overlapping(svg)
    wide = float(ElementTree.fromstring(svg).get("width"))
    assert all(right <= wide for _left, _top, right, _bottom in boxes(svg))


def test_every_log_is_drawn():
    drawn = 0
    for name, path in paths():
        began = time.process_time()
        svg = draw(of_path(path, path["picture"][0]))
        assert time.process_time() - began < MOST_SECONDS, name
        assert len(svg.encode()) < MOST_BYTES, name
        assert not overlapping(svg), name
        drawn += 1
    assert drawn > 40


def test_a_chain_is_one_picture():
    found = [path for name, path in paths() if name == "chain-telnet.log"]
    svg = draw(of_path(found[0], "chain"))
    ids = {hop["queue_id"] for hop in found[0]["hops"]}
    assert len(ids) == 4
    assert all(each in svg for each in ids)
    assert all(program in svg for program in ("clamsmtpd", "spamd", "pickup", "local"))


@pytest.mark.parametrize(("language", "word"), [("en", "refuses"), ("fr", "refuse")])
def test_what_would_happen_is_dotted(language, word):
    step = {
        "kind": "reject", "service": "smtpd:25", "turn": 0, "path": "/etc/postfix/main.cf",
        "line": 3, "value": "", "sentence": {"en": "x refuses", "fr": "x refuse"},
    }  # fmt: skip
    end = {
        "recipient": "a@b.test", "verdict": "refused", "service": "smtpd:25",
        "sentence": {"en": "a@b.test: refused", "fr": "a@b.test : refusé"},
    }  # fmt: skip
    svg = draw(of_explanation({"steps": [step], "ends": [end]}, "a", language))
    assert f"main.cf:3 x {word}<" in svg
    assert "stroke-dasharray" in svg
    assert "stroke-dasharray" not in draw(Scene("a", False, [Event("a", "b", "c")]))


def test_the_text_is_inside():
    scene = Scene("a", True, [Event("a", "goes", "b"), Event("b", "is refused", "", "refused")])
    root = ElementTree.fromstring(draw(scene))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}desc").text.splitlines() == scene.lines()

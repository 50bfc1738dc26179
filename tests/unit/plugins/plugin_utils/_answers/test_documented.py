"""Of a machine's answer there stays what its module documents, and nothing that is none of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.labs.mail.plugins.plugin_utils._answers import documented
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import (
    MODULES,
    AnswerError,
    read,
    returns_of,
)

RETURNS = {
    "digest": {"type": "str"},
    "count": {"type": "int"},
    "seconds": {"type": "float"},
    "restored": {"type": "list", "elements": "str"},
    "parts": {"type": "dict"},
    "paths": {
        "type": "list",
        "elements": "dict",
        "contains": {"status": {"type": "str"}, "hosts": {"type": "list", "elements": "str"}},
    },
}
FINE = {"changed": False, "failed": False}

KEPT = [
    ({"digest": "ab"}, {"digest": "ab"}),
    ({"digest": None}, {"digest": None}),
    ({"seconds": 1}, {"seconds": 1.0}),
    ({"restored": ["/etc/a"]}, {"restored": ["/etc/a"]}),
    ({"parts": {"a": {"b": [1, "x"]}}}, {"parts": {"a": {"b": [1, "x"]}}}),
    (
        {"paths": [{"status": "sent", "hosts": ["a"]}]},
        {"paths": [{"status": "sent", "hosts": ["a"]}]},
    ),
    ({"diff": [{"before": "a\n", "after": "b\n"}]}, {"diff": [{"before": "a\n", "after": "b\n"}]}),
    ({"changed": True}, {"changed": True}),
    ({"warnings": ["mind\x1b"]}, {"warnings": ["mind\ufffd"]}),
    ({"failed": True, "msg": "why", "line": 3}, {"failed": True, "msg": "why", "line": 3}),
]

GONE = [
    {"ansible_facts": {"ansible_connection": "local"}},
    {"ansible_facts": {"report_folder": "inventories/containers"}},
    {"add_host": {"host_name": "x", "host_vars": {"ansible_connection": "local"}}},
    {"add_group": "students"},
    {"_ansible_no_log": True},
    {"_ansible_delegated_vars": {"ansible_host": "x"}},
    {"include": "/etc/passwd"},
    {"unreachable": True},
    {"skipped": True},
    {"invocation": {"module_args": {}}},
    {"ansible_stats": {"data": {"x": 1}}},
    {"notify": ["x"]},
    {"deprecations": [{"msg": "x"}]},
    {"results_file": "/etc/passwd"},
    {"no such key": 1},
]

MALFORMED = [
    "text",
    ["list"],
    None,
    7,
    {"digest": 7},
    {"digest": ["a"]},
    {"count": "7"},
    {"count": True},
    {"count": 1 << 70},
    {"seconds": float("nan")},
    {"seconds": float("inf")},
    {"seconds": "1"},
    {"seconds": 1e300},
    {"restored": "/etc/a"},
    {"restored": {"a": 1}},
    {"restored": [["a"]]},
    {"parts": ["a"]},
    {"parts": {"a": object()}},
    {"paths": ["sent"]},
    {"paths": [{"status": {"a": 1}}]},
    {"changed": "yes"},
    {"failed": 1},
    {"msg": {"a": 1}},
    {"rc": "0"},
]


@pytest.mark.parametrize(("answer", "believed"), KEPT)
def test_what_is_documented_stays(answer, believed):
    assert read(answer, RETURNS) == {**FINE, **believed}


@pytest.mark.parametrize("answer", GONE)
def test_what_is_not_documented_goes(answer):
    assert read({**answer, "digest": "ab"}, RETURNS) == {**FINE, "digest": "ab"}
    assert read({"paths": [{**answer, "status": "sent"}]}, RETURNS)["paths"] == [{"status": "sent"}]


@pytest.mark.parametrize("answer", MALFORMED)
def test_what_is_malformed_is_said(answer):
    with pytest.raises(AnswerError):
        read(answer, RETURNS)


def test_text_is_clean_in_every_depth():
    answer = {
        "digest": "\x1b[2J",
        "restored": ["\x9b"],
        "parts": {"\x1bname": ["\x07"]},
        "diff": {"before": "\r"},
    }
    assert "".join(map(str, read(answer, RETURNS).values())).isprintable()
    assert read(answer, RETURNS)["parts"] == {"\ufffdname": ["\ufffd"]}


def test_what_is_too_much_is_said(monkeypatch):
    monkeypatch.setattr(documented, "MOST_VALUES", 100)
    monkeypatch.setattr(documented, "MOST_CHARACTERS", 1000)
    monkeypatch.setattr(documented, "MOST_OF_A_TEXT", 10)
    assert read({"digest": "a" * 20}, RETURNS)["digest"] == "a" * 10 + "…"
    with pytest.raises(AnswerError, match="more than 100 values"):
        read({"restored": ["a"] * 200}, RETURNS)
    with pytest.raises(AnswerError, match="more than 1000 characters"):
        read({"restored": ["a" * 200] * 6}, RETURNS)


def test_what_is_nested_too_deep_is_said():
    nest = []
    for _level in range(40):
        nest = [nest]
    with pytest.raises(AnswerError, match="nested"):
        read({"parts": {"a": nest}}, RETURNS)


def test_a_failure_without_a_reason_is_said_to_be_one():
    assert "does not say why" in read({"failed": True}, RETURNS)["msg"]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([*RETURNS, "changed", "msg", "ansible_facts"]), json_like))
def test_any_answer_is_read_or_refused(answer):
    try:
        believed = read(answer, RETURNS)
    except AnswerError:
        return
    assert set(believed) <= {*RETURNS, "changed", "failed", "msg"}


@pytest.mark.parametrize("module", sorted(MODULES.glob("*.py")), ids=lambda path: path.stem)
def test_each_module_documents_types_that_can_be_read(module):
    def kinds(returns):
        for spec in returns.values():
            yield spec.get("type", "str")
            yield spec.get("elements", "raw")
            yield from kinds(spec.get("contains") or {})

    assert set(kinds(returns_of(module.stem))) <= set(documented._Reader._readers)


ON_THE_CONTROLLER = {"docker_machines", "exercise_report", "incus_machines"}
"""Modules of which no machine answers anything."""


def test_every_module_that_a_machine_answers_has_its_action_plugin():
    actions = {path.stem for path in (MODULES.parent / "action").glob("*.py")}
    modules = {path.stem for path in MODULES.glob("*.py")}
    assert actions == modules - ON_THE_CONTROLLER | {"exercise_report"}

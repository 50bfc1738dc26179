"""The gates of the tests: what belongs to each, in which order it starts, and how long it took."""

import json
import re

import pytest
import yaml
from molecule.interpolation import Interpolator, TemplateWithDefaults

from tests import run
from tests.steps import (
    A_FEW_RESETS,
    A_LAB,
    BY_HAND,
    FEWER_STATES,
    GATES,
    IN_ALL_ALONE,
    NO_KILLS,
    NO_LIMITS,
    NO_TWINS,
    ONE_OF_EACH,
    ONE_SHELL,
    RELEASES,
    ROOT,
    SCENARIOS,
    Step,
    chosen,
    gate,
)
from tests.times import Times


def words(steps):
    return {word for step in steps for command in step.commands for word in command}


def test_every_folder_of_tests_belongs_to_the_whole():
    folders = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    named = words(gate("all"))
    assert [each for each in folders if not any(each.startswith(word) for word in named)] == []
    assert set(SCENARIOS) <= {step.name for step in gate("all")}


@pytest.mark.parametrize("name", GATES)
def test_no_step_is_there_twice(name):
    names = [step.name for step in gate(name)]
    assert len(set(names)) == len(names)


def test_the_whole_has_what_a_gate_for_merging_has_or_more():
    whole = {step.name for step in gate("all")}
    steps = {step.name for step in gate("test")}
    assert steps - {"course"} <= whole
    assert {"exercises", "resets"} <= whole


def leaves_out(step):
    """Tell whether a step has not all of its tests, or not on all releases, or not all states."""
    given = [word for word in words([step]) if word == "-k" or word.startswith("--skip-test")]
    return bool(given) or not step.environment.keys().isdisjoint({"MOLECULE_DEBIAN", *FEWER_STATES})


def test_the_whole_leaves_nothing_out():
    """What `make test` does not have is there."""
    assert {"sanity", "differential", "lab", "launcher", "filters", "course"} <= {
        step.name for step in gate("test") if leaves_out(step)
    }
    assert [step.name for step in gate("all") if leaves_out(step)] == []


def test_a_gate_for_merging_has_every_scenario_but_those_named_on_one_release():
    steps = {step.name for step in gate("test")}
    assert set(SCENARIOS) - steps == set(IN_ALL_ALONE)
    assert set(SCENARIOS) & steps == set(RELEASES) & set(SCENARIOS)
    assert set(RELEASES) <= steps


CHOSEN = [
    ("reset", A_FEW_RESETS),
    ("exercises", ONE_OF_EACH),
    ("exercises", BY_HAND),
    ("lab", A_LAB),
    ("launcher", ONE_SHELL),
    ("differential", NO_LIMITS),
    ("differential", NO_KILLS),
    ("differential", NO_TWINS),
]


@pytest.mark.parametrize(("directory", "expression"), CHOSEN)
def test_what_a_gate_chooses_is_there(directory, expression):
    folders = [ROOT / "tests" / directory, ROOT / "exercises"]
    files = [path for each in folders for path in (*each.glob("*.py"), *each.glob("*.yml"))]
    text = "\n".join(path.read_text() for path in files)
    chosen_words = set(re.findall(r"\w+", expression)) - {"and", "or", "not", "debian12"}
    assert [word for word in chosen_words if word not in text] == []


def test_the_gate_for_work_has_one_scenario_on_one_release():
    (scenario,) = [step for step in gate("check") if step.machines]
    assert (scenario.name, scenario.environment["MOLECULE_DEBIAN"]) == ("submission", "13")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_has_each_of_its_states_and_the_gate_for_merging_the_first(name):
    directory = ROOT / "molecule" / name
    states = [path.parent.name for path in directory.glob("*/state.yml")]
    whole, quick = (sequence(directory / "molecule.yml", each) for each in ({}, FEWER_STATES))
    assert sorted(word.split()[1] for word in whole if word.startswith("verify")) == sorted(
        [*states, "verify"]
    )
    assert [word for word in quick if word != "cleanup"] == [w for w in whole if w in quick]
    assert "verify verify" in quick


CHOOSING = [
    path
    for path in ROOT.glob("molecule/*/*/vars.yml")
    if "tests_unless_whole" in yaml.safe_load(path.read_text())
]


@pytest.mark.parametrize("path", CHOOSING, ids=lambda path: path.parent.name)
def test_the_tests_that_a_state_has_before_a_merge_are_there(path):
    for file, names in yaml.safe_load(path.read_text())["tests_unless_whole"].items():
        text = (path.parent / file).read_text()
        assert [name for name in names if f"def {name}(" not in text] == [], file


def sequence(path, variables):
    """The sequence of a scenario as molecule reads it."""
    text = Interpolator(TemplateWithDefaults, variables).interpolate(path.read_text())
    return yaml.safe_load(text)["scenario"]["test_sequence"]


def test_scenarios_use_mitogen_unless_all_is_tested():
    (quick,) = chosen(gate("test"), ["mail"])
    (plain,) = chosen(gate("all"), ["mail"])
    assert run.environment(quick)["ANSIBLE_STRATEGY"] == "mitogen_linear"
    assert run.environment(plain).get("ANSIBLE_STRATEGY") != "mitogen_linear"


def test_a_group_stands_for_its_steps():
    assert [step.name for step in chosen(gate("check"), ["lint"])] == ["lint", "ansible-lint"]


def test_without_a_name_all_steps_are_chosen():
    assert chosen(gate("check"), []) == gate("check")


@pytest.mark.parametrize("wrong", ["no-such-step", "thunderbird", "world"])
def test_a_name_that_is_no_step_of_the_gate_is_refused(wrong):
    with pytest.raises(SystemExit, match=f"no step {wrong} here: choose among .*unit"):
        chosen(gate("check"), ["unit", wrong])


def test_the_list_for_continuous_integration_has_a_scenario_once_for_each_release(capsys):
    assert run.main(["--list", "unit", "mail"]) == 0
    assert sorted((job["step"], job["debian"]) for job in json.loads(capsys.readouterr().out)) == [
        ("mail", "12"),
        ("mail", "13"),
        ("unit", ""),
    ]


def test_times_are_kept_from_run_to_run(tmp_path):
    file = tmp_path / "reports" / "times.json"
    mail, unit = Step("mail", 100, []), Step("unit", 50, [])
    times = Times(file)
    assert [times.expected(step) for step in (mail, unit)] == [100, 50]
    times.keep(unit, 123.456)
    assert [Times(file).expected(step) for step in (mail, unit)] == [100, 123.5]
    times.keep(mail, 7)
    assert json.loads(file.read_text()) == {"mail": 7, "unit": 123.5}


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"unit": "1"}', '{"unit": {}}'])
def test_a_file_of_times_that_is_damaged_counts_for_nothing(tmp_path, text):
    file = tmp_path / "times.json"
    file.write_text(text)
    times = Times(file)
    unit = Step("unit", 50, [])
    assert times.expected(unit) == 50
    times.keep(unit, 1)
    assert times.expected(unit) == 1


def test_the_longest_step_starts_first_and_one_that_fails_is_told(monkeypatch, tmp_path, capsys):
    steps = [
        Step("short", 1, [["true"]]),
        Step("long", 9, [["sh", "-c", "echo why it failed; exit 3"]]),
    ]
    monkeypatch.setattr(run, "WORKERS", 1)
    assert main_with(steps, monkeypatch, tmp_path) == 1
    printed = capsys.readouterr().out
    assert "UNSTEADY" not in printed
    assert printed.index("long") < printed.index("why it failed") < printed.index("short")
    assert "1 passed, 1 failed" in printed
    assert json.loads((tmp_path / "times.json").read_text()).keys() == {"short"}


def main_with(steps, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "gate", lambda name: steps)
    monkeypatch.setattr(run, "Times", lambda: Times(tmp_path / "times.json"))
    return run.main([])


def fails_first(file):
    """The command of a step that fails the first time alone."""
    return [["sh", "-c", f"test -e {file} || {{ touch {file}; echo too busy; exit 1; }}"]]


def test_a_step_that_passes_alone_is_called_unsteady(monkeypatch, tmp_path, capsys):
    steps = [Step("racing", 9, fails_first(tmp_path / "ran")), Step("good", 1, [["true"]])]
    assert main_with(steps, monkeypatch, tmp_path) == 0
    printed = capsys.readouterr().out
    assert "too busy" in printed
    assert "UNSTEADY  racing: failed beside others, passed alone" in printed
    assert "2 passed, 0 failed" in printed


def test_where_many_fail_or_one_runs_alone_nothing_runs_again(monkeypatch, tmp_path, capsys):
    many = [Step(f"racing{n}", 9, fails_first(tmp_path / f"ran{n}")) for n in range(3)]
    assert main_with(many, monkeypatch, tmp_path) == 1
    assert main_with([Step("one", 1, fails_first(tmp_path / "one"))], monkeypatch, tmp_path) == 1
    assert "UNSTEADY" not in capsys.readouterr().out

"""A playbook is run, and its outcome told; these playbooks do nothing to any machine."""

from __future__ import annotations

import pytest
import yaml

from launcher import playbook
from launcher.playbook import PlaybookError
from launcher.settings import ROOT

UNCHANGED = {"name": "Look around", "ansible.builtin.stat": {"path": "/"}}
CHANGED = {**UNCHANGED, "name": "Touch [something]", "changed_when": True}
FAILED = {
    "name": "Refuse",
    "ansible.builtin.assert": {"that": "word != 'no'", "fail_msg": "{{ word }}\nis [not] good"},
}


@pytest.fixture(params=["mitogen", "plain"])
def run(request, tmp_path, monkeypatch, capfd):
    """Run a playbook of these tasks; returns whether it changed anything, and what it printed."""
    monkeypatch.setenv("MITOGEN", "0" if request.param == "plain" else "1")
    monkeypatch.setattr(playbook, "ROOT", tmp_path)
    collections = f"[defaults]\ncollections_path = {ROOT / '.cache'}\n"
    (tmp_path / "ansible.cfg").write_text(collections)
    (tmp_path / "playbooks").mkdir()

    def run(*tasks, **extra):
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
        play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        play["tasks"] = list(tasks)
        (tmp_path / "playbooks" / "x.yml").write_text(yaml.safe_dump([play]))
        changed = playbook.run("x", **extra).changed
        return changed, capfd.readouterr().out

    return run


def test_a_run_tells_whether_it_changed_anything(run):
    changed, output = run(UNCHANGED)
    assert not changed
    assert "Look around" in output
    assert "unchanged" in output
    changed, output = run(UNCHANGED, CHANGED)
    assert changed
    (line,) = [line for line in output.splitlines() if "Touch [something]" in line]
    assert line.endswith("1 of 1 changed")


def test_a_failed_run_says_why_every_line_of_it(run, capfd):
    with pytest.raises(PlaybookError, match="the reason stands above"):
        run(FAILED, UNCHANGED, word="no")
    output = capfd.readouterr().out
    assert "localhost: Refuse" in output
    assert "        no\n        is [not] good\n" in output
    assert "1 of 1 failed" in output
    assert "Look around" not in output


def test_what_commands_a_terminal_is_not_printed(run, capfd):
    with pytest.raises(PlaybookError):
        run({"name": "Fail", "ansible.builtin.fail": {"msg": "{{ word }}"}}, word="\x1b[2J\x9b")
    output = capfd.readouterr().out
    assert "\ufffd[2J" in output
    assert not any(each in output for each in "\x1b\x07\x9b")

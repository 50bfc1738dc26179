from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleLookupError

from ansible_collections.labs.mail.plugins.lookup import exercise as plugin

SERVER = """\
title: {fr: Un serveur, en: A server}
assignment: {fr: Installez, en: Install}
solution: {postfix_state: present, accounts_users: {tech: {comment: "{{ who }} été"}}}
checks:
  - {name: greets, title: {fr: Il répond, en: It answers}, steps: [connect: {port: "{{ port }}"}]}
faults:
  - {name: silent, title: {fr: M, en: S}, caught_by: greets, state: {postfix_state: absent}}
"""


def forget():
    """Have the lookup read all again, as another process does."""
    for function in (plugin._laid_out, plugin._known, plugin.catalogue):
        function.cache_clear()


@pytest.fixture
def look_up(tmp_path, monkeypatch, lookup):
    """Return a function that runs the lookup, with a home of its own and one exercise."""
    forget()
    home = tmp_path / "home"
    monkeypatch.setenv("ANSIBLE_HOME", str(home))
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "server.yml").write_text(SERVER)

    def look_up(*terms, **options):
        options = options or {"folder": str(tmp_path / "exercises")}
        (path,) = lookup(plugin).run(list(terms), {}, **options)
        assert Path(path).is_relative_to(home)
        return Path(path)

    return look_up


def test_the_state_and_the_exercise_are_in_a_file(look_up):
    state = yaml.safe_load(look_up("server", "start").read_text())
    assert state.pop("exercise_now").startswith("{{ lookup('labs.mail.exercise', 'server', 'start'")
    assert state == {
        "accounts_users": {"tech": {"state": "absent"}},
        "lab_files": {},
        "lab_postfix_maps": {},
    }


def test_what_is_known_of_the_exercise_is_given_where_it_is_asked_for(look_up, lookup, tmp_path):
    (now,) = lookup(plugin, port=25).run(
        ["server", "start"], {}, folder=str(tmp_path / "exercises"), now=True
    )
    assert (now["name"], now["stage"]) == ("server", "start")
    assert now["title"] == {"fr": "Un serveur", "en": "A server"}
    assert now["checks"][0]["steps"] == [{"connect": {"port": 25}}]
    assert now["mistakes"] == []
    texts = {"title", "assignment", "hints", "mistakes"}
    assert set(now) == {"name", "stage", "checks", "seconds", *texts}


def test_templates_stay_for_the_play(look_up):
    state = yaml.safe_load(look_up("server", "solution").read_text(encoding="utf-8"))
    assert state["accounts_users"]["tech"]["comment"] == "{{ who }} été"


def test_the_same_state_has_the_same_file_in_another_process(look_up):
    path = look_up("server", "solution")
    before = path.stat().st_mtime_ns
    forget()
    assert look_up("server", "solution") == path
    assert path.stat().st_mtime_ns == before
    assert len(list(path.parent.iterdir())) == 2


def test_another_state_has_another_file(look_up, tmp_path):
    paths = {look_up("server", stage) for stage in ("start", "solution", "silent")}
    text = SERVER.replace("postfix_state: present", "postfix_state: absent")
    (tmp_path / "exercises" / "server.yml").write_text(text)
    forget()
    paths.add(look_up("server", "solution"))
    assert len(paths) == 4


def test_without_names_there_are_no_variables(look_up):
    assert yaml.safe_load(look_up("", "").read_text()) == {}


ERRORS = [
    (("sever", "start"), "there is no exercise sever; did you mean server?"),
    (("server", "solutoin"), "no stage of server solutoin; did you mean solution?"),
    (("server",), "name an exercise and a stage"),
    (("server", "start", "more"), "name an exercise and a stage"),
]


@pytest.mark.parametrize(("terms", "words"), ERRORS)
def test_a_wrong_name_is_refused(look_up, terms, words):
    with pytest.raises(AnsibleLookupError) as caught:
        look_up(*terms)
    assert words in str(caught.value)


def test_a_file_that_is_wrong_is_named(look_up, tmp_path):
    (tmp_path / "exercises" / "other.yml").write_text(SERVER.replace("{port:", "{prot:"))
    with pytest.raises(AnsibleLookupError) as caught:
        look_up("server", "start")
    assert f"{tmp_path}/exercises/other.yml:5: checks.0.steps.0.connect.prot" in str(caught.value)


def test_the_collections_own_exercises_are_the_default(look_up):
    path = look_up("smtp_server", "solution", folder=None)
    assert yaml.safe_load(path.read_text())["postfix_state"] == "present"

"""By what the state of a machine is known."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.lookup import state_key as plugin

VARIABLES = {
    "postfix_state": "present",
    "lab_domain": "student1.test",
    "exercise_now": {"name": "queues"},
    "ansible_host": "172.30.177.11",
}


class AsTheyStand:
    """A templar for values that are none."""

    @staticmethod
    def template(value):
        return value


@pytest.fixture
def key(lookup):
    made = lookup(plugin)
    made._templar = AsTheyStand()
    return lambda variables, *terms: made.run(list(terms), variables)[0]


def test_the_same_makes_the_same(key):
    assert key(VARIABLES) == key(dict(reversed(VARIABLES.items())))
    assert len(key(VARIABLES)) == 16


@pytest.mark.parametrize(
    "other", [{"postfix_state": "absent"}, {"exercise_now": {}}, {"lab_files": {"/x": {}}}]
)
def test_what_makes_another_state(key, other):
    assert key({**VARIABLES, **other}) != key(VARIABLES)


def test_what_makes_none(key):
    assert key({**VARIABLES, "ansible_host": "10.0.0.1", "inventory_file": "x"}) == key(VARIABLES)


def test_more_that_it_depends_on(key):
    assert key(VARIABLES, "more") != key(VARIABLES)


def test_the_code_counts(tmp_path):
    for folder in plugin.CODE:
        (tmp_path / folder).mkdir()
    (tmp_path / "roles" / "x.yml").write_text("---\n")
    before = plugin.code_digest.__wrapped__(tmp_path)
    assert plugin.code_digest.__wrapped__(tmp_path) == before
    (tmp_path / "roles" / "x.yml").write_text("--- # other\n")
    assert plugin.code_digest.__wrapped__(tmp_path) != before

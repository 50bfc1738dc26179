"""What the templates of roles and playbooks may not do."""

import pytest

from tests.support.collection import ROOT

TEMPLATES = sorted(
    path for room in ("roles", "playbooks") for path in (ROOT / room).rglob("templates/**/*.j2")
)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_includes_another_and_does_not_look_it_up(path):
    # The lookup copies all variables, and with each list or mapping in them the whole templating
    # of Ansible: one of 14 services of xinetd took 3.8 s.
    assert "builtin.template" not in path.read_text()


def test_there_are_templates():
    assert len(TEMPLATES) > 20

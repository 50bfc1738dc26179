"""The documentation's example is what the scenario submission tests."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]


def test_the_example_is_the_one_that_is_tested():
    guide = (ROOT / "docs/en/administrator/submission.md").read_text()
    (play,) = yaml.safe_load(guide.partition("```yaml\n")[2].partition("```")[0])
    tested = yaml.safe_load((ROOT / "molecule/submission/verify/vars.yml").read_text())
    roles = [role.removeprefix("labs.mail.") for role in play["roles"]]
    assert tested == {"scenario_roles": roles, **play["vars"]}

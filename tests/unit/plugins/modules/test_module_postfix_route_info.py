"""postfix_route_info as a module, where it cannot ask; where it can: tests/differential."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.modules import postfix_route_info


@pytest.mark.parametrize(
    ("user", "options", "said"),
    [
        (1000, {}, "become: true"),
        (0, {"config_directory": "/missing"}, "/missing/main.cf"),
    ],
)
def test_what_it_cannot_do(run, monkeypatch, user, options, said):
    monkeypatch.setattr("os.geteuid", lambda: user)
    answer = run(postfix_route_info.main, False, recipients=["a@b.test"], **options)
    assert answer["failed"]
    assert said in answer["msg"]

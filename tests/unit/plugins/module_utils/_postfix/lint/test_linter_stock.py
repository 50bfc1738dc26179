"""Nothing is found in what Debian ships."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from tests.support.lint_system import DEFAULTS, FOLDER, place, system
from tests.support.stock import STOCK_MAIN, STOCK_MASTER

DEFAULTS_OF = {"debian-11": "debian-12", "unstable": "debian-13"}
"""The release whose parameters stand for those of another one."""

NEW_PARAMETERS = {"default_cache_db_type": "lmdb"}
"""What Postfix of Debian unstable has beside those of Debian 13."""


SET_TWICE = {"unstable/main.cf.dist": ["main.cf:703:1"]}
"""A slip of Debian's own, of which Postfix warns too: inet_protocols has two values."""


@pytest.mark.parametrize("main", STOCK_MAIN)
@pytest.mark.parametrize("master", STOCK_MASTER)
def test_the_stock_files_are_left_alone(main, master):
    release = main.split("/")[0]
    files = {
        f"{FOLDER}/main.cf": STOCK_MAIN[main],
        f"{FOLDER}/master.cf": STOCK_MASTER[master],
        "/etc/mailname": b"mail.test\n",
    }
    machine = system(files, release=DEFAULTS_OF.get(release, release), types=["cdb", "lmdb"])
    machine.defaults = {**machine.defaults, **NEW_PARAMETERS}
    assert [place(finding) for finding in lint(FOLDER, machine)] == SET_TWICE.get(main, [])


NOT_MEANT_TO_BE_WRITTEN = ("alias_maps", "smtpd_relay_restrictions")
"""Of the first the default names a type that is not installed, of the second nothing is left."""


@pytest.mark.parametrize("release", DEFAULTS)
def test_the_defaults_written_out_are_left_alone(release):
    lines = [
        f"{name} = {value}\n"
        for name, value in DEFAULTS[release].items()
        if name not in NOT_MEANT_TO_BE_WRITTEN
    ]
    files = {
        f"{FOLDER}/main.cf": "".join(lines).encode(),
        f"{FOLDER}/master.cf": STOCK_MASTER[f"{release}/master.cf.dist"],
    }
    assert lint(FOLDER, system(files, release=release)) == []

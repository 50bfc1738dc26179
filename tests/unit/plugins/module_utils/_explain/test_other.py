"""Another configuration is read with its own tables, and told by the names that people know."""

import os
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain import other
from ansible_collections.labs.mail.plugins.module_utils._explain.compare import first_difference
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Place
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    End,
    Explanation,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.show import difference_lines

MAIN = """\
virtual_alias_maps = hash:/etc/postfix/virtual, hash:/etc/postfix/gone
alias_maps=hash:/etc/aliases
smtpd_tls_cert_file = /etc/ssl/own.pem
mail_spool_directory = /srv/etc/postfix/virtual
header_checks = regexp:/etc/postfix/../passwd
"""


class FakeConfiguration:
    """A configuration that no postconf reads."""

    def __init__(self, directory, owner="root"):
        self.directory = directory
        self.values = {"mail_owner": owner}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The machine's own configuration."""
    monkeypatch.setattr(other, "Configuration", FakeConfiguration)
    monkeypatch.setattr(other.os, "chown", lambda *_given: None)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "main.cf").write_text("myhostname = own\n")
    (tmp_path / "own" / "master.cf").write_text("smtp inet n - n - - smtpd\n")
    return FakeConfiguration(str(tmp_path / "own"))


@pytest.fixture
def etc(tmp_path):
    """A copy of /etc with an instance of Postfix."""
    etc = tmp_path / "kept"
    (etc / "postfix").mkdir(parents=True)
    (etc / "postfix" / "main.cf").write_text(MAIN)
    (etc / "postfix" / "master.cf").write_text("smtp inet n - n - - smtpd\n")
    (etc / "postfix" / "virtual.db").write_text("index")
    (etc / "aliases").write_text("root: prof\n")
    (etc / "passwd").write_text("root\n")
    return etc


def test_what_a_copy_of_etc_holds_is_read_from_it(own, etc):
    with other._copy(own, str(etc)) as copy:
        folder = os.path.dirname(copy.configuration.directory)
        lines = Path(f"{folder}/postfix/main.cf").read_text().splitlines()
        assert lines == [
            f"virtual_alias_maps = hash:{folder}/postfix/virtual, hash:/etc/postfix/gone",
            f"alias_maps=hash:{folder}/aliases",
            "smtpd_tls_cert_file = /etc/ssl/own.pem",
            "mail_spool_directory = /srv/etc/postfix/virtual",
            f"header_checks = regexp:{folder}/passwd",
        ]
        assert Path(f"{folder}/aliases").read_text() == "root: prof\n"
    assert not os.path.exists(folder)


def test_a_directory_is_read_under_the_path_that_its_main_cf_names(own, tmp_path):
    kept = tmp_path / "postfix.bak"
    kept.mkdir()
    (kept / "main.cf").write_text(f"a = hash:{own.directory}/t\nb = hash:{kept}/t\nc = {kept}/no\n")
    (kept / "t").write_text("x y\n")
    with other._copy(own, str(kept)) as copy:
        place = copy.configuration.directory
        text = Path(f"{place}/main.cf").read_text()
        assert text == f"a = hash:{place}/t\nb = hash:{place}/t\nc = {kept}/no\n"


@pytest.mark.parametrize(
    ("text", "name"), [("a = b\n", "main.cf"), ("smtp inet n - n - - smtpd\n", "master.cf")]
)
def test_a_file_stands_in_the_place_of_its_own(own, tmp_path, text, name):
    (tmp_path / "x").write_text(text)
    with other._copy(own, str(tmp_path / "x")) as copy:
        directory = copy.configuration.directory
        assert Path(f"{directory}/{name}").read_text() == text
        assert sorted(os.listdir(directory)) == ["main.cf", "master.cf"]
        found = copy.renamed(
            Explanation([Step("taken", "smtpd:25", 0, Place(f"{directory}/{name}", 1))])
        )
        assert found.steps[0].place == Place(str(tmp_path / "x"), 1)


def test_nothing_is_named_as_in_the_copy(own, etc):
    with other._copy(own, str(etc)) as copy:
        place = copy.configuration.directory
        step = Step(
            "row",
            "cleanup",
            0,
            Place(f"{place}/virtual", 3),
            f"hash:{place}/virtual",
            {"table": f"hash:{place}/virtual", "number": 3},
        )
        end = End("a@b", "file", f"{place}/x", 0, "local", step)
        found = copy.renamed(Explanation([step], [end]))
    (step,), (end,) = found.steps, found.ends
    assert step.place == Place(f"{etc}/postfix/virtual", 3)
    assert step.value == f"hash:{own.directory}/virtual"
    assert step.words == {"table": f"hash:{own.directory}/virtual", "number": 3}
    assert end.where == f"{own.directory}/x"
    assert end.decided_by == step


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/nowhere", "/nowhere: there is no such file; write start, solution, a main.cf"),
        ("start", "no start is kept here; it is kept when a machine comes to the start"),
        ("solution", "no solution is kept here; it is kept when it is shown on this machine"),
    ],
)
def test_what_is_not_there_is_said(own, tmp_path, monkeypatch, name, says):
    monkeypatch.setattr(other, "KEPT", str(tmp_path / "stages"))
    with pytest.raises(ConfigError) as error:
        other.explain_other(own, None, name)
    assert says in str(error.value)


def test_what_cannot_be_copied_is_said(own, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "main.cf").write_text("")
    os.mkfifo(kept / "pipe")
    with pytest.raises(ConfigError) as error:
        other.explain_other(own, None, str(kept))
    assert str(kept) in str(error.value)
    assert "cannot be copied" in str(error.value)


A, B = (Step("none", "smtpd:25", 0, words={"list": "x", "name": each}) for each in "ab")
LEFT, RIGHT = End("x@y", "mailbox", "prof"), End("x@y", "refused", "550")


@pytest.mark.parametrize(
    ("one", "two", "lines"),
    [
        (Explanation([A], [LEFT]), Explanation([A], [LEFT]), ["old makes the same of it."]),
        (Explanation([A], [LEFT]), Explanation([], [RIGHT]), ["here", "there: (no such step)"]),
        (Explanation([], [LEFT]), Explanation([A], [LEFT]), ["here:  (no such step)", "there"]),
        (Explanation([A], [LEFT]), Explanation([B], [RIGHT]), ["here:  ", "there: "]),
        (Explanation([A], [LEFT]), Explanation([A], [RIGHT]), ["here:  (no", "there: (no"]),
    ],
)
def test_the_first_difference(one, two, lines):
    difference = first_difference(one, two)
    said = difference_lines(difference and difference.as_data(), "old", "en")
    if len(lines) == 1:
        assert said == lines
        return
    assert said[0] == "From here on old differs:"
    assert [line.startswith(start) for line, start in zip(said[1:], lines)] == [True, True]
    assert len(said) == 3 + len(two.ends)

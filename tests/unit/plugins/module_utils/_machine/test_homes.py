"""Homes in a folder, and homes on their way from one machine to another."""

import io
import os
import tarfile

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import homes
from ansible_collections.labs.mail.plugins.module_utils._provider.homes_archive import carried_over

OTHER = 4242


@pytest.fixture
def top(tmp_path):
    home = tmp_path / "prof"
    (home / "Maildir" / "new").mkdir(parents=True)
    (home / "Maildir" / "new" / "1").write_text("a message")
    (home / "mail").mkdir()
    (home / "work").mkdir()
    (home / "work" / "mail").write_text("mine")
    (home / ".forward").write_text("tech")
    return tmp_path


def test_mail_goes_rules_are_put_aside_and_work_stays(top):
    cleared = homes.clear_mail(str(top))
    prof = top / "prof"
    assert cleared == [str(prof / name) for name in ("Maildir", "mail", ".forward")]
    assert (prof / ".forward.before-reset").read_text() == "tech"
    assert (prof / "work" / "mail").read_text() == "mine"
    assert homes.clear_mail(str(top)) == []


def test_a_link_in_the_place_of_mail_goes_and_not_what_it_leads_to(top):
    (top / "tech").mkdir()
    (top / "tech" / "Maildir").symlink_to(top / "prof" / "work")
    homes.clear_mail(str(top))
    assert not os.path.lexists(top / "tech" / "Maildir")
    assert (top / "prof" / "work" / "mail").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_a_home_of_somebody_else_is_given_to_its_account(top):
    prof = top / "prof"
    (prof / "link").symlink_to("/etc/passwd")
    (prof / "folder").symlink_to("work")
    os.chown(prof / "work", 7, 7)
    uids = {"prof": OTHER, "nobody": 1}
    before = os.stat("/etc/passwd").st_uid
    assert homes.give_all(uids, str(top)) == [str(prof)]
    assert homes.give_all(uids, str(top)) == []
    given = [prof, prof / "link", prof / "folder", prof / "work" / "mail"]
    assert {path.lstat().st_uid for path in given} == {OTHER}
    assert (prof / "work").stat().st_uid == 7
    assert os.stat("/etc/passwd").st_uid == before


@pytest.mark.parametrize(
    ("given", "read"),
    [({}, {}), ({"prof": 20001, "tech": "20002"}, {"prof": 20001, "tech": 20002})],
)
def test_numbers_of_accounts_are_read(given, read):
    assert homes.read_uids(given) == read


@pytest.mark.parametrize("uid", [0, -1, "root", 1.5, None])
def test_what_is_no_number_of_an_account_is_said(uid):
    with pytest.raises(ConfigError, match=rf"uids: prof has the number {uid}; write"):
        homes.read_uids({"prof": uid})


def archive(members):
    """An archive of (name, owner) with a line in each file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as target:
        for name, uid in members:
            entry = tarfile.TarInfo(name)
            entry.uid = entry.gid = uid
            if name.endswith("/"):
                entry.type = tarfile.DIRTYPE
                target.addfile(entry)
            else:
                entry.size = 5
                target.addfile(entry, io.BytesIO(b"line\n"))
    made.seek(0)
    return made


def test_homes_on_their_way():
    before = archive(
        [
            ("home/", 0),
            ("home/prof/", 1001),
            ("home/prof/work", 1001),
            ("home/prof/roots", 0),
            ("home/prof/Maildir/", 1001),
            ("home/prof/Maildir/1", 1001),
            ("home/prof/.forward", 1001),
            ("home/gone/", 1007),
            ("home/gone/x", 1007),
        ]
    )
    after = io.BytesIO()
    carried_over(before, after, {"prof": 1000, "root": 0})
    after.seek(0)
    with tarfile.open(fileobj=after) as found:
        seen = {member.name: member.uid for member in found}
        assert found.extractfile("home/prof/work").read() == b"line\n"
    assert seen == {
        "home": 0, "home/prof": 1000, "home/prof/work": 1000, "home/prof/roots": 0,
        "home/prof/.forward.before-reset": 1000, "home/gone": 1007, "home/gone/x": 1007,
    }  # fmt: skip

"""Work on its way through an archive: harmless, bounded, and with the accounts of both sides."""

from __future__ import annotations

import io
import tarfile

import pytest

from launcher.saved_files import (
    ACCOUNTS,
    Accounts,
    Budget,
    WorkError,
    harmless,
    is_left_out,
    merged,
    packages_in,
    renumbered,
)


def member(name, kind=tarfile.REGTYPE, mode=0o644, **more):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    for key, value in more.items():
        setattr(entry, key, value)
    return entry


def saved(*members, top="/"):
    return {each.name: each for each in harmless(members, top, Budget())}


HARMFUL = {
    "a device": member("home/x", tarfile.CHRTYPE),
    "a disk": member("home/x", tarfile.BLKTYPE),
    "a pipe": member("home/x", tarfile.FIFOTYPE),
    "a file above": member("home/../usr/bin/x"),
    "a file elsewhere": member("usr/bin/x"),
    "a key of the machine": member("etc/ssh/ssh_host_ed25519_key"),
    "the way in": member("root/.ssh/authorized_keys"),
    "a link to a file elsewhere": member("home/x", tarfile.LNKTYPE, linkname="etc/shadow-"),
}


@pytest.mark.parametrize("entry", HARMFUL.values(), ids=HARMFUL)
def test_what_could_harm_is_not_saved(entry):
    assert saved(entry) == {}


def test_rights_are_taken_away():
    found = saved(
        member("home/prof/sh", mode=0o6755),
        member("var/spool/postfix/maildrop", tarfile.DIRTYPE, mode=0o3730),
        member("home/prof/cap", pax_headers={"SCHILY.xattr.security.capability": "x"}),
    )
    assert found["home/prof/sh"].mode == 0o755
    assert found["var/spool/postfix/maildrop"].mode == 0o3730, "Postfix needs it"
    assert found["home/prof/cap"].pax_headers == {}


def test_files_have_their_paths_and_links_stay():
    found = saved(
        member("mail/prof", size=3),
        member("mail/other", tarfile.LNKTYPE, linkname="mail/prof"),
        member("mail/far", tarfile.SYMTYPE, linkname="/etc/passwd"),
        top="/var",
    )
    assert list(found) == ["var/mail/prof", "var/mail/other", "var/mail/far"]
    assert found["var/mail/other"].linkname == "var/mail/prof"


def test_there_is_a_limit():
    budget = Budget(bytes=10)
    with pytest.raises(WorkError, match="more work than"):
        list(harmless([member("home/x", size=11)], "/", budget))
    with pytest.raises(WorkError, match="more work than"):
        list(harmless([member("home/x"), member("home/y")], "/", Budget(files=1)))


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("/etc/postfix/main.cf", False),
        ("/etc", False),
        ("/etc/labs.mail/exercise.json", True),
        ("/etc/hosts", True),
        ("/etc/hosts.allow", False),
        ("/usr/bin/x", True),
        ("/usr/local/bin/x", False),
    ],
)
def test_what_is_left_out(path, out):
    assert is_left_out(path) is out


PASSWD = (
    "root:x:0:0:root:/root:/bin/bash\npostfix:x:{postfix}:{group}::/var/spool/postfix:/bin/false\n"
)
GROUP = "root:x:0:\npostfix:x:{group}:\n"


def machine(postfix, group, passwd="", groups="", shadow="", gshadow=""):
    texts = dict(
        zip(
            ACCOUNTS,
            (
                PASSWD.format(postfix=postfix, group=group) + passwd,
                GROUP.format(group=group) + groups,
                f"root:*:1:0::::\npostfix:!:1::::\n{shadow}",
                f"root:*::\npostfix:!::\n{gshadow}",
            ),
        )
    )
    return Accounts.read(texts.__getitem__)


def test_accounts_keep_the_numbers_that_packages_have():
    worked = machine(105, 111, "prof:x:20007:20007::/home/prof:/bin/zsh\n", "prof:x:20007:\n")
    accounts, users, groups = merged(worked, machine(103, 109))
    assert users[105] == 103
    assert groups[111] == 109
    assert users[20007] == 20007
    assert "postfix:x:103:109:" in accounts.text("/etc/passwd")
    assert "prof:x:20007:20007::/home/prof:/bin/zsh" in accounts.text("/etc/passwd")


def test_a_number_that_is_taken_becomes_another():
    worked = machine(105, 111, "nagios:x:103:103::/:/bin/sh\n", "nagios:x:103:\n")
    accounts, users, groups = merged(worked, machine(103, 109))
    assert users[103] != 103
    row = accounts.files["/etc/passwd"]["nagios"]
    assert row[2:4] == [str(users[103]), str(groups[103])]


def test_passwords_come_back_and_deleted_people_do_not():
    fresh = machine(103, 109, "tech:x:20001:20001::/home/tech:/bin/bash\n", "tech:x:20001:\n")
    worked = machine(103, 109, "prof:x:20007:20007::/:/bin/sh\n", shadow="prof:$6$x:1:::::\n")
    accounts, _users, _groups = merged(worked, fresh)
    assert "prof:$6$x:1" in accounts.text("/etc/shadow")
    assert "tech" not in accounts.files["/etc/passwd"]


def test_a_second_root_does_not_come_back():
    worked = machine(103, 109, "toor:x:0:0::/root:/bin/sh\n")
    accounts, _users, _groups = merged(worked, machine(103, 109))
    assert "toor" not in accounts.files["/etc/passwd"]
    assert "root" in accounts.files["/etc/passwd"]


def test_files_get_the_numbers_of_the_fresh_machine():
    (entry,) = renumbered([member("home/x", uid=105, gid=111)], {105: 103}, {111: 109})
    assert (entry.uid, entry.gid) == (103, 109)


STATUS = """\
Package: postfix
Status: install ok installed
Description: a server
 Package: nothing

Package: gone
Status: deinstall ok config-files

Package: evil; rm -rf /
Status: install ok installed

Package: g++-12
Status: install ok installed
"""


def test_packages_are_those_that_are_installed_and_have_names():
    assert packages_in(STATUS) == ["g++-12", "postfix"]


def test_what_is_harmless_goes_through_an_archive_whole():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(member("home/prof/work", size=4), io.BytesIO(b"mine"))
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        (entry,) = harmless(archive, "/", Budget())
        assert archive.extractfile(entry).read() == b"mine"

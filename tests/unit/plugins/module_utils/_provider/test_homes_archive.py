"""What comes back of homes makes nobody root."""

import io
import stat
import tarfile

from ansible_collections.labs.mail.plugins.module_utils._provider.homes_archive import carried_over

CAPABILITY = "SCHILY.xattr.security.capability"


def member(name, kind=tarfile.REGTYPE, mode=0o644, **headers):
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.pax_headers = kind, mode, headers
    return made


def carried(*members, uids=None):
    """Return the members of an archive that were carried over, by name."""
    before, after = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=before, mode="w") as archive:
        for each in members:
            archive.addfile(each)
    before.seek(0)
    carried_over(before, after, uids or {})
    after.seek(0)
    with tarfile.open(fileobj=after) as archive:
        return {each.name: each for each in archive}


def test_set_user_id_bits_and_capabilities_do_not_come_back():
    shell = member("home/tech/rootsh", mode=0o6755, **{CAPABILITY: "x", "SCHILY.xattr.user.a": "y"})
    came = carried(member("home/tech", tarfile.DIRTYPE, 0o3755), shell)
    assert stat.S_IMODE(came["home/tech/rootsh"].mode) == 0o755
    assert stat.S_IMODE(came["home/tech"].mode) == 0o1755
    assert came["home/tech/rootsh"].pax_headers == {"SCHILY.xattr.user.a": "y"}


def test_devices_and_fifos_do_not_come_back():
    kinds = {"disk": tarfile.BLKTYPE, "null": tarfile.CHRTYPE, "fifo": tarfile.FIFOTYPE}
    devices = [member(f"home/tech/{name}", kind) for name, kind in kinds.items()]
    came = carried(*devices, member("home/tech/notes"), member("home/tech/link", tarfile.SYMTYPE))
    assert set(came) == {"home/tech/notes", "home/tech/link"}


def test_nothing_comes_back_in_place_of_the_directory_of_homes():
    assert carried(member("home", tarfile.SYMTYPE)) == {}
    assert set(carried(member("home", tarfile.DIRTYPE))) == {"home"}


def test_nothing_comes_back_in_place_of_a_home():
    link, other = member("home/tech", tarfile.SYMTYPE), member("home/shared", tarfile.SYMTYPE)
    file = member("home/prof")
    came = carried(member("home", tarfile.DIRTYPE), link, other, file, uids={"tech": 1, "prof": 2})
    assert set(came) == {"home", "home/shared"}


def test_mail_does_not_come_back_and_not_as_a_link_either():
    boxes = [member("home/tech/Maildir", tarfile.SYMTYPE), member("home/tech/mail/sent")]
    assert set(carried(*boxes, member("home/tech/Mail"))) == {"home/tech/Mail"}


def test_names_may_be_whatever_a_file_system_takes():
    names = {"home/tech/two\nlines", "home/tech/\udcff", "home/tech/-rf", "home/tech/" + "x" * 255}
    assert set(carried(*map(member, names))) == names

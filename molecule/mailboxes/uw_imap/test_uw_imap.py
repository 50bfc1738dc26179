import imaplib
import re

import pytest

from tests.support.waiting import until

PASSWORD = "premier-essai"


def test_the_greetings_are_the_university_s(connect, imap):
    assert re.match(rb"\+OK POP3 \S+ \S+ server ready", connect(110).recv(200))
    assert b"CAPABILITY IMAP4REV1" in imap("tech", PASSWORD).welcome


def test_it_is_built_without_encryption_and_with_plain_passwords(imap):
    server = imap("tech", PASSWORD)
    assert "STARTTLS" not in server.capabilities
    assert "LOGINDISABLED" not in server.capabilities
    server.logout()


def parent(host, program):
    """The program that has started another one."""
    pid = host.check_output(f"pgrep -nx {program}")
    return host.check_output(f"ps -o comm= -p $(ps -o ppid= -p {pid})")


def test_xinetd_starts_the_programs(host, imap, pop3):
    servers = [imap("tech", PASSWORD), pop3("prof", PASSWORD)]
    assert parent(host, "imapd") == parent(host, "ipop3d") == "xinetd"
    servers[0].logout()
    servers[1].quit()


def test_the_last_session_that_writes_to_a_mailbox_has_it(imap):
    first, second = imap("tech", PASSWORD), imap("tech", PASSWORD)
    first.select()
    second.select()
    with pytest.raises(imaplib.IMAP4.abort):
        until(lambda: first.noop()[0] == "BYE")
    assert second.noop()[0] == "OK"
    second.logout()


def test_the_programs_belong_to_a_package_and_no_compiler_is_left(host):
    for program in ("imapd", "ipop3d", "mlock"):
        owner = host.check_output(f"dpkg -S /usr/sbin/{program}")
        assert owner == f"uw-imap-from-source: /usr/sbin/{program}"
    assert not host.package("build-essential").is_installed
    mlock = host.file("/usr/sbin/mlock")
    assert (mlock.user, mlock.group, mlock.mode) == ("root", "mail", 0o2755)


def test_the_password_is_that_of_the_shadow_file(host, imap):
    hashed = host.check_output("getent shadow tech").split(":")[1]
    assert hashed.startswith(("$6$", "$y$"))
    host.check_output("echo tech:un-autre | chpasswd")
    try:
        assert imap("tech", "un-autre").logout()[0] == "BYE"
    finally:
        host.check_output(f"usermod -p '{hashed}' tech")
    assert imap("tech", PASSWORD).logout()[0] == "BYE"


def test_a_locked_account_gets_nothing(host, imap):
    host.check_output("usermod -L prof")
    try:
        with pytest.raises(imaplib.IMAP4.error):
            imap("prof", PASSWORD)
    finally:
        host.check_output("usermod -U prof")


def test_mail_is_locked_without_a_folder_that_everybody_writes(host, imap):
    assert host.file("/var/mail").mode == 0o2775
    server = imap("tech", PASSWORD)
    server.select()
    assert server.untagged_responses.get("NO") is None
    server.create("cours")
    assert host.file("/home/tech/mail/cours").exists
    server.delete("cours")
    server.logout()


def test_a_session_is_logged(host, imap):
    imap("tech", PASSWORD).logout()
    log = host.check_output("journalctl --no-pager -q -o cat -t xinetd")
    assert "START: imap2" in log

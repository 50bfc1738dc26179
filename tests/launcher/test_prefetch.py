"""Which packages a lesson needs: those that roles and exercises name."""

from __future__ import annotations

from launcher import prefetch


def test_packages_of_every_system_of_the_course_are_known():
    found = prefetch.packages()
    wanted = {
        "postfix", "postfix-pcre", "procmail", "dovecot-imapd", "dovecot-pop3d", "courier-imap",
        "clamav-daemon", "spamassassin", "lighttpd", "xinetd",
    }  # fmt: skip
    assert not wanted - found


def test_they_are_names_of_packages():
    assert all(prefetch.NAME.fullmatch(name) for name in prefetch.packages())

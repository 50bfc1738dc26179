"""Signs of Dovecot's configuration, as 2.3 and 2.4 print it."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints import dovecot

NEWER = """\
# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf
auth_username_format = %{user | username | lower}
protocols {
  imap = yes
}
passdb passwd-file {
  passwd_file_path = FILE
}
"""
OLDER = """\
# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
auth_username_format = %n
passdb {
  args = scheme=PLAIN username_format=%u FILE
  driver = passwd-file
}
"""


@pytest.mark.parametrize("configuration", [NEWER, OLDER])
@pytest.mark.parametrize(
    ("accounts", "odd"),
    [
        ("prof@etab.fr:{PLAIN}etab::::::\n", False),
        ("# prof: his own\nprof@etab.fr:{PLAIN}etab\n\n", False),
        ("prof@etab.fr:{PLAIN}etab\nprof:{PLAIN}etab\n", True),
        ("prof:{PLAIN}etab\n", True),
        ("", False),
    ],
)
def test_accounts_without_a_domain_are_a_sign(tmp_path, configuration, accounts, odd):
    path = tmp_path / "users"
    path.write_text(accounts)
    found = list(dovecot.signs(configuration.replace("FILE", str(path))))
    assert "dovecot auth_username_format" in found
    assert ("dovecot account without a domain" in found) is odd


def test_a_file_that_is_not_there_is_no_sign(tmp_path):
    found = list(dovecot.signs(OLDER.replace("FILE", str(tmp_path / "none"))))
    assert found == ["dovecot args", "dovecot auth_username_format", "dovecot driver"]


def test_without_dovecot_there_are_none():
    assert list(dovecot.signs("")) == []

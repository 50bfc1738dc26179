"""Signs of Dovecot's configuration, as 2.3 and 2.4 print it."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._hints import dovecot

NEWER = """\
# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf
auth_username_format = FORMAT
passdb passwd-file {
  passwd_file_path = FILE
}
"""
OLDER = """\
# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
auth_username_format = FORMAT
passdb {
  args = scheme=PLAIN username_format=%u FILE
  driver = passwd-file
}
"""
WITHOUT_DOMAIN = "dovecot account without a domain"


def signs(configuration, file, written="%u"):
    whole = configuration.replace("FILE", str(file)).replace("FORMAT", written)
    return list(dovecot.signs(whole))


@pytest.mark.parametrize("configuration", [NEWER, OLDER])
@pytest.mark.parametrize(
    ("accounts", "found"),
    [
        ("prof@etab.fr:{PLAIN}etab::::::\n", []),
        ("# prof: his own\nprof@etab.fr:{PLAIN}etab\n\n", []),
        ("prof@etab.fr:{PLAIN}etab\nprof:{PLAIN}etab\n", [WITHOUT_DOMAIN]),
        ("prof:{PLAIN}etab\n", [WITHOUT_DOMAIN]),
        ("", []),
    ],
)
def test_accounts_without_a_domain_are_a_sign(tmp_path, configuration, accounts, found):
    path = tmp_path / "users"
    path.write_text(accounts)
    assert signs(configuration, path) == found


@pytest.mark.parametrize("configuration", [NEWER, OLDER])
@pytest.mark.parametrize(
    ("written", "cut"),
    [
        ("%n", True),
        ("%Ln", True),
        ("%{user | username | lower}", True),
        ("%{user|username|lower}", True),
        ("%u", False),
        ("%Lu", False),
        ("%{user | lower}", False),
        ("%{user | username}@%{user | domain}", False),
        ("%n@%d", False),
    ],
)
def test_a_format_without_the_domain_is_a_sign(tmp_path, configuration, written, cut):
    found = signs(configuration, tmp_path / "none", written)
    assert found == ["dovecot cuts the domain off"] * cut


def test_without_dovecot_there_are_none():
    assert list(dovecot.signs("")) == []

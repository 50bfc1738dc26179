import pytest


def accepts(host, account, password):
    """Whether the hash in /etc/shadow is that of the password (crypt(5))."""
    hashed = host.check_output(f"getent shadow {account}").split(":")[1]
    crypt = "perl -e 'print crypt($ARGV[0], $ARGV[1])' %s %s"
    return host.check_output(crypt, password, hashed) == hashed


@pytest.mark.parametrize(
    ("account", "password"), [("tech", "premier-essai"), ("prof", "autre-essai")]
)
def test_an_account_has_its_password_as_a_hash(host, account, password):
    assert host.check_output(f"getent shadow {account}").split(":")[1].startswith("$6$")
    assert accepts(host, account, password)
    assert not accepts(host, account, "faux")


def test_two_accounts_never_share_a_hash(host):
    hashes = {host.check_output(f"getent shadow {name}").split(":")[1] for name in ("tech", "prof")}
    assert len(hashes) == 2


def test_accounts_have_homes_shells_and_groups(host):
    prof = host.user("prof")
    assert (prof.home, prof.shell, prof.gecos) == ("/home/prof", "/bin/bash", "Professeur")
    assert "users" in prof.groups
    assert host.file("/home/prof").user == "prof"

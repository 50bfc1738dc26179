"""A machine in a directory becomes a template, and two others are made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import baseline, template
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import tree

KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n"

PRISTINE = {
    "etc/hostname": "template\n",
    "etc/hosts": "172.30.77.249 template\n",
    "etc/machine-id": "b0f8\n",
    "etc/resolv.conf": "nameserver 172.30.77.1\n",
    "etc/ssh/ssh_host_ed25519_key": KEY,
    "etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA\n",
    "etc/motd": "welcome\n",
    "etc/passwd": "root:x:0:0::/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n",
    "etc/shadow": "root:*:20000:0:99999:7:::\nnobody:*:20000:0:99999:7:::\n",
    "var/lib/dbus/machine-id": "b0f8\n",
    "var/log/dpkg.log": "install base-files\n",
    "var/log/syslog": "a line\n",
}
PROVISIONED = {
    "etc/labs.mail/words": "secret",
    "etc/passwd": PRISTINE["etc/passwd"] + "tech:x:1234:1234::/home/tech:/bin/bash\n",
    "etc/shadow": PRISTINE["etc/shadow"] + "tech:$6$salt$hash:20000:0:99999:7:::\n",
    "etc/ssl/certs/ssl-cert-snakeoil.pem": CERTIFICATE,
    "etc/ssl/private/ssl-cert-snakeoil.key": KEY,
    "var/cache/debconf/config.dat": "Name: postfix/mailname\nValue: mail.template.test\n\n"
    "Name: postfix/protocols\nValue: ipv4\n\nName: a/templates\nValue: some templates\n",
    "var/cache/debconf/passwords.dat": "Name: a/password\nValue: secret\n",
    "var/lib/postfix/prng_exch": "seed",
    "var/lib/systemd/random-seed": "seed",
    "var/log/dpkg.log": "install base-files\ninstall postfix\n",
    "var/log/journal/b0f8/system.journal": "lines",
    "var/log/mail.log": "postfix started\n",
    "var/mail/tech": "From somebody\n",
    "var/spool/postfix/etc/ssl/certs/ssl-cert-snakeoil.pem": CERTIFICATE,
}
SECRETS = (KEY, CERTIFICATE, "b0f8", "secret", "seed", "$6$salt$hash")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


class Runs:
    """Runs nothing, and knows what it was asked to run."""

    def __init__(self):
        self.commands = []

    def __call__(self, *command):
        self.commands.append(command)
        return 0, "", ""


@pytest.fixture
def machine(tmp_path):
    """A machine that was saved and then provisioned."""
    root = tmp_path / "template"
    write(root, PRISTINE)
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "etc/systemd/system").mkdir(parents=True)
    baseline.save({"units": ["ssh.service"], "addresses": ["172.30.77.249/24"]}, str(root))
    write(root, PROVISIONED)
    (root / "etc/ssl/certs/2c4e54b8.0").symlink_to("ssl-cert-snakeoil.pem")
    return root


@pytest.fixture
def generalized(machine):
    template.generalize(Runs(), str(machine))
    return machine


def texts(root: Path) -> dict[str, str]:
    return {
        str(place.relative_to(root)): place.read_text()
        for place in root.rglob("*")
        if place.is_file() and place.suffix != ".gz"
    }


def test_no_secret_is_left_on_a_template(generalized):
    for name, text in texts(generalized).items():
        assert not any(secret in text for secret in SECRETS), name


def test_what_makes_it_what_it_is_stays(generalized):
    assert (generalized / "etc/motd").read_text() == "welcome\n"
    assert "install postfix" in (generalized / "var/log/dpkg.log").read_text()
    assert "tech:x:1234" in (generalized / "etc/passwd").read_text()
    answers = (generalized / "var/cache/debconf/config.dat").read_text()
    assert "Value: ipv4" in answers
    assert "Value: some templates" in answers
    assert "mail.template.test" not in answers


def test_accounts_of_people_are_locked_and_no_others(generalized):
    rows = (generalized / "etc/shadow").read_text().splitlines()
    assert [row.split(":")[:2] for row in rows] == [["root", "*"], ["nobody", "*"], ["tech", "!"]]


def test_its_machine_id_is_made_at_boot_and_not_the_one_of_dbus(generalized):
    assert (generalized / "etc/machine-id").read_text() == ""
    assert not (generalized / "var/lib/dbus/machine-id").exists()


def test_nothing_comes_while_it_is_generalized(machine):
    runs = Runs()
    template.generalize(runs, str(machine))
    assert "postfix.service" in runs.commands[0]
    assert ("postsuper", "-d", "ALL") in runs.commands[1:]


def test_the_index_of_aliases_does_not_say_where_it_was_made(machine):
    runs = Runs()
    template.generalize(runs, str(machine))
    assert ("postmap", "-f", "-d", "YP_MASTER_NAME", "hash:/etc/aliases") in runs.commands


def test_no_link_dangles(generalized):
    assert not (generalized / "etc/ssl/certs/2c4e54b8.0").is_symlink()


@pytest.mark.parametrize(
    "place", ["etc/courier/imapd.pem", "home/tech/.ssh/id_ed25519", "opt/own/key", "root/key.pem"]
)
def test_a_template_with_a_key_that_all_would_share_is_none(machine, place):
    write(machine, {place: f"text before\n{KEY}"})
    with pytest.raises(ConfigError, match=f"/{place} would be a secret of many machines"):
        template.generalize(Runs(), str(machine))
    assert not template.is_of_template(str(machine))


def test_a_program_that_knows_what_a_key_looks_like_holds_none(machine):
    write(machine, {"usr/local/lib/lint.py": 'KEY = b"-----BEGIN PRIVATE KEY-----"\n'})
    template.generalize(Runs(), str(machine))
    assert template.is_of_template(str(machine))


def test_a_machine_of_which_nothing_was_saved_is_no_template(tmp_path):
    write(tmp_path, PRISTINE)
    with pytest.raises(ConfigError, match="nothing was saved"):
        template.generalize(Runs(), str(tmp_path))
    assert (tmp_path / "etc/ssh/ssh_host_ed25519_key").exists()


def created(generalized, number):
    """Create a machine of the template, as an engine does."""
    root = generalized.parent / f"student{number}"
    shutil.copytree(generalized, root, symlinks=True)
    own = {name: text.replace("template", f"student{number}") for name, text in PRISTINE.items()}
    write(root, {name: own[name] for name in ("etc/hostname", "etc/hosts", "etc/resolv.conf")})
    write(root, {"etc/machine-id": f"{number}\n"})
    write(root, {"etc/ssh/ssh_host_ed25519_key": KEY.replace("MIIE", f"MIIE{number}")})
    write(root, {"etc/ssl/private/ssl-cert-snakeoil.key": KEY.replace("MIIE", f"MIIS{number}")})
    return root


def adopt(root, monkeypatch, address):
    runs = Runs()
    more = {"units": ["ssh.service", "postfix.service"], "addresses": [address]}
    monkeypatch.setattr(template, "now", lambda _run: more)
    template.adopt(runs, str(root))
    return runs


def test_a_machine_of_a_template_has_a_baseline_of_its_own(generalized, monkeypatch):
    digests = set()
    for number in (1, 2):
        root = created(generalized, number)
        assert template.is_of_template(str(root))
        adopt(root, monkeypatch, f"172.30.77.1{number}/24")
        assert not template.is_of_template(str(root))
        known = baseline.saved(str(root))
        assert known.more == {"units": ["ssh.service"], "addresses": [f"172.30.77.1{number}/24"]}
        digests.add(known.digests["/etc/ssh/ssh_host_ed25519_key"])
    assert len(digests) == 2


def test_it_is_restored_to_what_it_would_have_been_alone(generalized, monkeypatch):
    root = created(generalized, 1)
    keys = {name: (root / name).read_text() for name in ("etc/hosts", "etc/machine-id")}
    key = (root / "etc/ssh/ssh_host_ed25519_key").read_text()
    adopt(root, monkeypatch, "172.30.77.11/24")
    write(root, {"etc/hosts": "", "etc/motd": "", "etc/ssh/ssh_host_ed25519_key": "x"})
    known = baseline.saved(str(root))
    baseline.lay_down(baseline.compare(known, tree(str(root)), str(root)), known, str(root))
    assert {name: (root / name).read_text() for name in keys} == keys
    assert (root / "etc/ssh/ssh_host_ed25519_key").read_text() == key
    assert (root / "etc/motd").read_text() == "welcome\n"
    assert "tech" not in (root / "etc/passwd").read_text()
    assert not (root / "etc/ssl/private/ssl-cert-snakeoil.key").exists()


def test_what_fails_without_its_certificate_waits_until_the_machine_is_itself(
    generalized, monkeypatch
):
    root = created(generalized, 1)
    waiting = Path(f"{root}{template.WAITING}")
    assert "ConditionPathExists=/etc/ssl/private/ssl-cert-snakeoil.key" in waiting.read_text()
    runs = adopt(root, monkeypatch, "172.30.77.11/24")
    assert not waiting.parent.exists()
    assert runs.commands == [("systemctl", "daemon-reload")]


def test_what_else_is_said_of_it_stays(generalized, monkeypatch):
    root = created(generalized, 1)
    other = Path(f"{root}{template.WAITING}").with_name("other.conf")
    other.write_text("[Service]\n")
    adopt(root, monkeypatch, "172.30.77.11/24")
    assert list(other.parent.iterdir()) == [other]


def test_a_machine_without_baseline_adopts_none(tmp_path):
    with pytest.raises(ConfigError, match="had no baseline"):
        template.adopt(Runs(), str(tmp_path))

"""What the modules made of the stock files, as Postfix sees it."""

import pytest


def settings(host, folder):
    listing = host.check_output(f"postconf -c /etc/{folder} -n")
    found = dict(line.partition(" =")[::2] for line in listing.splitlines())
    found.pop("config_directory")
    return found


def differences(host, folder, name):
    """The lines that differ from the package's file: taken out with -, put in with +."""
    diff = host.run(f"diff -U0 /etc/postfix-stock/{name} /etc/{folder}/{name}")
    return [line for line in diff.stdout.splitlines()[2:] if not line.startswith("@@")]


def test_main_cf_is_all_that_was_declared(host):
    found = settings(host, "postfix")
    assert set(found) == {
        "alias_database",
        "alias_maps",
        "compatibility_level",
        "local_recipient_maps",
        "mydestination",
        "myhostname",
        "mynetworks",
        "smtpd_relay_restrictions",
        "smtputf8_enable",
    }
    assert found["mydestination"] == " $myhostname, localhost"
    assert found["smtputf8_enable"] == " no"
    assert found["local_recipient_maps"] == ""


def test_a_backup_holds_the_file_as_the_package_left_it(host):
    [backup] = host.check_output("ls /etc/postfix/main.cf.*~").split()
    assert host.file(backup).contains("^smtpd_banner")


def test_present_changes_those_lines_only(host):
    found = sorted(differences(host, "postfix-present", "main.cf"))
    assert [line for line in found if line.startswith("+")] == [
        "+delay_warning_time = 4h",
        "+mailbox_command = /usr/bin/procmail",
        "+mynetworks = 127.0.0.0/8, [::1]/128",
        "+smtpd_banner = $myhostname  ESMTP",
    ]
    # Releases differ in which of these the package's file has.
    asked = {"#delay_warning_time", "mailbox_command", "mynetworks", "readme_directory"}
    taken = {line[1:].partition(" =")[0] for line in found if line.startswith("-")}
    assert {"#delay_warning_time", "smtpd_banner"} <= taken <= asked | {"smtpd_banner"}


@pytest.mark.parametrize("state", ["absent", "commented"])
def test_absent_and_commented_parameters_are_gone(host, state):
    assert not {"biff", "smtpd_banner"} & set(settings(host, f"postfix-{state}"))
    found = differences(host, f"postfix-{state}", "main.cf")
    taken = [line[1:] for line in found if line.startswith("-")]
    assert [line.partition(" ")[0] for line in taken] == ["smtpd_banner", "biff"]
    put = [line for line in found if line.startswith("+")]
    assert put == ([f"+#{line}" for line in taken] if state == "commented" else [])


@pytest.mark.parametrize("name", ["main.cf", "master.cf"])
def test_mode_and_owner(host, name):
    stock = host.file(f"/etc/postfix-present/{name}")
    assert (stock.mode, stock.user, stock.group) == (0o640, "root", "postfix")
    assert host.file(f"/etc/postfix-new/{name}").mode == 0o600


def test_master_cf_is_the_package_own_with_what_was_declared(host):
    services = host.check_output("postconf -c /etc/postfix -M").splitlines()
    keys = {"/".join(line.split()[:2]) for line in services if not line.startswith(" ")}
    stock = host.check_output("grep -E '^[a-z]' /usr/share/postfix/master.cf.dist").splitlines()
    expected = {"/".join(line.split()[:2]) for line in stock}
    assert len(expected) > 20
    assert keys == (expected | {"127.0.0.1:2525/inet"}) - {"maildrop/unix"}


def test_options_of_a_service(host):
    found = host.check_output("postconf -c /etc/postfix -P 127.0.0.1:2525/inet/smtpd_banner")
    assert found.endswith("= $myhostname ESMTP by 2525")  # postconf prints one space
    changed = differences(host, "postfix-present", "master.cf")
    assert [line for line in changed if line.startswith("-")] == [
        line for line in changed if line.startswith("-smtp ")
    ]
    pipe = host.check_output("postconf -c /etc/postfix-present -F nobody/unix/command")
    assert pipe.endswith("= pipe flags=R user=nobody argv=/bin/cat -")


def test_postfix_takes_every_folder(host):
    assert host.run("postfix check").rc == 0
    for folder in ("postfix-present", "postfix-absent", "postfix-commented", "postfix-new"):
        assert host.run(f"postmap -c /etc/{folder} -q x static:y").stdout == "y\n"


def test_a_running_postfix_serves_what_was_declared(host):
    host.check_output("postfix reload || postfix start")
    greeting = "exec 3<>/dev/tcp/127.0.0.1/2525; head -1 <&3"
    until = f"timeout 30 bash -c 'until ({greeting}) 2>/dev/null; do sleep 0.1; done'"
    assert host.check_output(until) == "220 modules.test  ESMTP by 2525"

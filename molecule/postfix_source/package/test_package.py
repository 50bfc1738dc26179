import pytest


def test_the_package_runs_and_nothing_of_the_other(host):
    assert host.package("postfix").is_installed
    assert not host.package("postfix-from-source").is_installed
    (process,) = host.process.filter(comm="master")
    assert process.args.startswith("/usr/lib/postfix/sbin/master")
    for path in ("/etc/systemd/system/postfix.service", "/usr/libexec/postfix"):
        assert not host.file(path).exists, path
    assert not host.file("/usr/local/sbin/postfix").exists
    assert host.service("postfix").is_enabled
    assert host.check_output("systemctl --failed --plain --no-legend") == ""


def test_the_message_waits_in_its_queue(host):
    assert host.check_output("postqueue -j | grep -c tech@in.ac-amiens.fr") == "1"
    assert "written-before-the-exchange" not in host.file("/var/mail/tech").content_string


def test_tables_work_the_same(send):
    send("tech", "postmaster", "Subject: public\n\n")
    with pytest.raises(AssertionError, match="Sujet interdit"):
        send("tech", "tech", "Subject: secret\n\n")

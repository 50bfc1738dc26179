import pytest


def test_the_version_of_the_source_package_runs_and_no_other(host):
    assert not host.package("postfix").is_installed
    version = host.check_output("postconf -h mail_version")
    assert host.package("postfix-from-source").version.startswith(f"{version}-")
    assert host.check_output("pgrep -c -x master") == "1"


def test_it_is_where_it_was_told_to_be(host, variables):
    prefix = "/usr/local" if variables["debian"] == "12" else "/usr"
    (process,) = host.process.filter(comm="master")
    assert process.args.startswith(f"{prefix}/libexec/postfix/master")
    assert host.check_output("command -v postfix") == f"{prefix}/sbin/postfix"
    assert host.file("/usr/sbin/sendmail").exists
    assert host.file("/usr/bin/mailq").is_symlink


def test_systemd_runs_it_now_and_at_the_next_boot(host):
    assert host.service("postfix").is_running
    assert host.service("postfix").is_enabled
    assert host.check_output("systemctl --failed --plain --no-legend") == ""


def test_it_has_the_course_s_accounts_and_rights(host):
    assert "postdrop" in host.user("postfix").groups
    postdrop = host.file(f"{host.check_output('postconf -h command_directory')}/postdrop")
    assert (postdrop.group, postdrop.mode) == ("postdrop", 0o2755)
    assert host.run("postfix check").stderr == ""


def test_the_build_left_nothing_but_the_package_and_its_log(host):
    assert not host.package("build-essential").is_installed
    assert not host.package("libdb-dev").is_installed
    assert host.run("grep -r deb-src /etc/apt").rc == 1
    assert not host.run("ls -d /var/cache/labs-mail/*.build").succeeded


def test_tables_of_patterns_work(send):
    send("tech", "tech", "Subject: public\n\n")
    with pytest.raises(AssertionError, match="Sujet interdit"):
        send("tech", "tech", "Subject: secret\n\n")


def test_services_in_a_chroot_find_what_they_read_there(host):
    assert host.check_output("postconf -F smtp/inet/chroot") == "smtp/inet/chroot = y"
    for file in ("hosts", "resolv.conf", "services"):
        host.run_expect([0], f"cmp /etc/{file} /var/spool/postfix/etc/{file}")

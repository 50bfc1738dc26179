import uuid

import pytest

from tests.support.waiting import until

TOOLS = ["curl", "dig", "lsof", "mail", "man", "nano", "netstat", "pstree", "swaks", "telnet", "vi"]


def test_the_machine_knows_its_name(host):
    assert host.check_output("hostname") == "linux"
    assert host.check_output("hostname -f") == "linux.in.ac-amiens.fr"
    assert host.file("/etc/hostname").content_string == "linux\n"


def test_the_name_resolves_to_the_machines_own_address(host, address):
    assert host.check_output("getent hosts linux.in.ac-amiens.fr").split()[0] == address


def test_other_machines_names_resolve_as_declared(host):
    assert host.check_output("getent hosts smtp.ac-amiens.fr").split()[0] == "192.0.2.25"


def test_without_name_servers_the_resolver_is_left_alone(host):
    assert "nameserver" in host.file("/etc/resolv.conf").content_string


def test_the_time_is_that_of_the_course(host):
    assert host.file("/etc/localtime").linked_to == "/usr/share/zoneinfo/Europe/Paris"
    assert host.check_output("date +%Z") in ("CET", "CEST")


@pytest.mark.parametrize("tool", TOOLS)
def test_the_courses_tools_are_there(host, tool):
    assert host.exists(tool)


def test_syslog_writes_the_mail_log(host):
    nonce = uuid.uuid4().hex
    host.check_output(f"logger -p mail.info {nonce}")
    command = f"timeout 10 sh -c 'until grep -q {nonce} /var/log/mail.log; do :; done'"
    assert host.run(command).succeeded


def test_no_mail_server_came_with_the_tools(host):
    assert not host.exists("/usr/sbin/sendmail")
    assert not host.socket("tcp://25").is_listening


def test_the_mail_log_has_every_line_of_a_burst(host):
    """journald drops what it cannot forward: 36 lines of 48 messages were missing at its limit."""
    nonce, amount = uuid.uuid4().hex, 500
    script = (
        "import syslog; syslog.openlog('burst', facility=syslog.LOG_MAIL);"
        f" [syslog.syslog('{nonce} %d' % number) for number in range({amount})]"
    )
    host.check_output(f'python3 -c "{script}"')

    def lines():
        return int(host.run(f"grep -c {nonce} /var/log/mail.log").stdout)

    until(lines, lambda seen: seen == amount)

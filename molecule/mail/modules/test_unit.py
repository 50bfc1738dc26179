"""A unit serves what is set, whatever befell it: the package's own Postfix under a real systemd."""

import json

import pytest

from tests.support.waiting import until

POSTFIX = {
    "name": "postfix",
    "configuration": ["/etc/postfix"],
    "on_change": "reload",
    "restart_if_changed": ["postconf", "-hx", "inet_interfaces", "inet_protocols"],
    "check": ["postfix", "check"],
    "ports": [25],
}


@pytest.fixture
def run(host):
    """Run a module for real, or in check mode; returns its result."""

    def run(module, check=False, **arguments):
        return host.ansible(f"labs.mail.{module}", json.dumps(arguments), check=check)

    return run


@pytest.fixture
def served(run):
    """Postfix at all addresses, and known to be."""
    run("postfix_main", parameters={"inet_interfaces": "all"})
    run("systemd_unit", **POSTFIX)


def at_all_addresses(host):
    return host.socket("tcp://0.0.0.0:25").is_listening


def test_a_unit_that_is_active_and_serves_nothing_is_started(host, run, served):
    # On Debian 12 postfix.service is active whatever becomes of Postfix.
    host.check_output("postfix stop")
    until(lambda: not at_all_addresses(host))
    assert run("systemd_unit", check=True, **POSTFIX)["changed"]
    assert not at_all_addresses(host)
    assert run("systemd_unit", **POSTFIX)["action"] in {"start", "restart"}
    assert at_all_addresses(host)
    again = run("systemd_unit", **POSTFIX)
    assert (again["action"], again["changed"]) == ("", False)


def test_a_restart_that_is_due_outlives_a_run_that_was_cut_off(host, run, served):
    changed = run("postfix_main", parameters={"inet_interfaces": "loopback-only"})
    assert changed["restart_needed"]
    # The next run finds nothing to change in the file, and asks for a reload at most.
    assert not run("postfix_main", parameters={"inet_interfaces": "loopback-only"})["changed"]
    assert run("systemd_unit", check=True, **POSTFIX)["action"] == "restart"
    assert run("systemd_unit", **POSTFIX)["action"] == "restart"
    assert not at_all_addresses(host)
    assert host.socket("tcp://127.0.0.1:25").is_listening
    assert not run("systemd_unit", **POSTFIX)["changed"]


def test_an_edit_by_hand_is_restarted_for_also_where_somebody_reloaded(host, run, served):
    host.check_output("postconf -e inet_interfaces=loopback-only")
    host.check_output("postfix reload")
    assert at_all_addresses(host)
    assert run("systemd_unit", **POSTFIX)["action"] == "restart"
    assert not at_all_addresses(host)


def test_an_edit_that_a_reload_is_enough_for_is_reloaded(host, run, served):
    master = host.check_output("cat /var/spool/postfix/pid/master.pid")
    host.check_output("postconf -e delay_warning_time=3h")
    assert run("systemd_unit", **POSTFIX)["action"] == "reload"
    assert host.check_output("cat /var/spool/postfix/pid/master.pid") == master


def test_a_unit_that_cannot_serve_names_who_holds_the_port(host, run, served):
    host.check_output("postfix stop")
    until(lambda: not at_all_addresses(host))
    host.check_output("systemd-run --unit taken python3 -m http.server 25")
    until(lambda: at_all_addresses(host))
    try:
        with pytest.raises(host.ansible.AnsibleException) as failed:
            run("systemd_unit", **POSTFIX)
        assert "port 25 is taken by python3" in failed.value.result["msg"]
    finally:
        host.check_output("systemctl stop taken")

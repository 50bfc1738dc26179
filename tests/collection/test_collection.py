"""What users do with the collection works, and what they do wrong is said."""

from __future__ import annotations

import json
import re
import shutil

import pytest
import yaml

from tests.support.collection import NOWHERE, ROOT

MODULES = sorted(f"labs.mail.{path.stem}" for path in ROOT.glob("plugins/modules/*.py"))
PLAYBOOKS = sorted(f"labs.mail.{path.stem}" for path in ROOT.glob("playbooks/*.yml"))
ROLES = sorted(path.name for path in ROOT.glob("roles/*"))


def test_every_module_is_documented(ansible):
    documented = json.loads(ansible.succeed("ansible-doc", "--json", *MODULES))
    assert sorted(documented) == MODULES
    for name, module in documented.items():
        assert module["examples"], name
        assert module["return"], name
        assert module["doc"]["attributes"]["check_mode"], name


def test_the_documentation_can_be_read_in_a_terminal(ansible):
    text = ansible.succeed("ansible-doc", *MODULES)
    assert all(f"> MODULE {name}" in text for name in MODULES)
    assert "[WARNING]" not in text


def test_every_role_is_documented(ansible):
    text = ansible.succeed("ansible-doc", "-t", "role", *(f"labs.mail.{role}" for role in ROLES))
    for role in ROLES:
        entry = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())
        main = entry["argument_specs"]["main"]
        assert main["short_description"] in text
        assert all(name in text for name in main["options"])


def test_the_lookups_are_documented(ansible):
    names = ("labs.mail.engine_files", "labs.mail.exercise", "labs.mail.unknown_variables")
    text = ansible.succeed("ansible-doc", "-t", "lookup", *names)
    assert "misspelt" in text
    assert "exercise_now" in text
    assert "Path of the program" in text


def test_the_filters_are_documented(ansible):
    names = ("labs.mail.filter_chain", "labs.mail.dict_entries", "labs.mail.lab_zones")
    text = ansible.succeed("ansible-doc", "-t", "filter", *names)
    assert "validated" in text
    assert "blocklist" in text
    assert "clamsmtpd" in text


def test_every_playbook_can_be_named(ansible):
    output = ansible.succeed("ansible-playbook", "--syntax-check", "-i", "student1,", *PLAYBOOKS)
    assert output.count("playbook: ") == len(PLAYBOOKS)


def test_a_module_finds_what_it_is_made_of(ansible):
    path = ansible.folder / "written"
    arguments = json.dumps({"files": [{"path": str(path), "content": "x\n"}]})
    ansible.succeed("ansible", "localhost", "-m", "labs.mail.file_set", "-a", arguments)
    assert path.read_text() == "x\n"


WRONG = {
    "accounts": ({"accounts_users": "tech"}, "accounts_users", "dict"),
    "check_server": ({"check_server_sources": ["pub"]}, "check_server_sources", "dict"),
    "classroom_desktop": (
        {"classroom_desktop_language": "de"},
        "classroom_desktop_language",
        "fr, en",
    ),
    "classroom_gate": ({"classroom_gate_seats": ["a"]}, "classroom_gate_seats", "dict"),
    "classroom_page": ({"classroom_page_port": "https"}, "classroom_page_port", "int"),
    "clamav": ({"clamav_signatures": "all"}, "clamav_signatures", "lab, local, official"),
    "clamsmtp": ({"clamsmtp_action": "keep"}, "clamsmtp_action", "drop, bounce, pass"),
    "courier": ({"courier_protocols": ["pop"]}, "courier_protocols", "imap, pop3"),
    "dovecot": ({"dovecot_mailbox_format": "mh"}, "dovecot_mailbox_format", "mbox, maildir"),
    "filter_chain": ({"filter_chain_settings": ["a"]}, "filter_chain_settings", "dict"),
    "incus_host": ({"incus_host_pool_driver": "lvm"}, "incus_host_pool_driver", "btrfs, dir, zfs"),
    "inetd": ({"inetd_services": ["pop3"]}, "inetd_services", "dict"),
    "lab_command": ({"lab_command_files": ["/x"]}, "lab_command_files", "dict"),
    "machine": ({"machine_nameservers": {"a": 1}}, "machine_nameservers", "list"),
    "mailbox_server": ({"mailbox_server_through": "tcp"}, "mailbox_server_through", "native"),
    "name_server": ({"name_server_zones": ["a"]}, "name_server_zones", "dict"),
    "package_cache": ({"package_cache_port": "http"}, "package_cache_port", "int"),
    "postfix": ({"postfix_ports": ["smtp"]}, "postfix_ports", "int"),
    "procmail": ({"procmail_state": "gone"}, "procmail_state", "present, absent"),
    "spamassassin": ({"spamassassin_uid": "me"}, "spamassassin_uid", "int"),
    "web_server": ({"web_server_sites": ["www.etab.fr"]}, "web_server_sites", "dict"),
    "uw_imap": ({"uw_imap_super_server": "rlinetd"}, "uw_imap_super_server", "xinetd, inetd, none"),
    "xinetd": ({"xinetd_defaults": "all"}, "xinetd_defaults", "dict"),
}


def test_each_role_says_which_variable_is_wrong(ansible):
    assert sorted(WRONG) == ROLES
    play = {
        "hosts": "students",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.include_role": {"name": "labs.mail.{{ inventory_hostname }}"}}],
    }
    hosts = {role: {**NOWHERE, **variables} for role, (variables, *_words) in WRONG.items()}
    _code, output = ansible.play([play], hosts)
    for role, (_variables, *words) in WRONG.items():
        (line,) = [line for line in output.splitlines() if f"fatal: [{role}]" in line]
        assert "Validation of arguments failed" in line
        assert all(word in line for word in words), line


@pytest.fixture
def play_site(ansible):
    """Run site.yml on a machine that nothing reaches; returns what was printed."""

    def play_site(**variables):
        machine = {**NOWHERE, "machine_address": "192.0.2.1", **variables}
        students = {"student1": machine, "student2": machine}
        return ansible.play("labs.mail.site", students, world=True)

    return play_site


MISSPELT = {
    "postfix_parameter": "the role postfix; did you mean postfix_parameters?",
    "machine_fdqn": "the role machine; did you mean machine_fqdn?",
}


def test_a_misspelt_variable_is_refused_before_anything_is_done(play_site):
    code, output = play_site(__postfix_x=1, **dict.fromkeys(MISSPELT, "x"))
    assert code != 0
    for name, words in MISSPELT.items():
        pattern = rf"/hosts\.yml:\d+:\d+: {name} is no variable of {re.escape(words)}"
        assert re.search(pattern, output), output
    assert "__postfix" not in output
    assert "UNREACHABLE" not in output


NO_SERVERS = {
    "dovcot": ({}, "dovcot is no mailbox server; did you mean dovecot?"),
    "zimbra": ({}, "zimbra is no mailbox server; choose uw_imap, courier or dovecot"),
    "courier": ({"mailbox_format": "mbox"}, "courier reads no mbox; choose maildir"),
    "uw_imap": ({"mailbox_format": "maildir"}, "uw_imap reads no maildir; choose mbox"),
    "dovecot": (
        {"mailbox_server_through": "inetd"},
        "dovecot cannot be served through inetd; choose native or xinetd",
    ),
}


@pytest.mark.parametrize("server", NO_SERVERS)
def test_a_mailbox_server_that_cannot_be_is_refused_before_anything_is_done(play_site, server):
    variables, sentence = NO_SERVERS[server]
    code, output = play_site(mailbox_server=server, **variables)
    assert code != 0
    assert sentence in output, output
    assert "UNREACHABLE" not in output


NO_CHAINS = {
    "both": ({}, "'both' is no chain of filters; write one of none, clamsmtp_front"),
    "antispam": (
        {"filter_chain_settings": {"return_port": 2525}},
        "filter_chain_settings: scan_port and return_port are both 2525 in the chain antispam",
    ),
}


@pytest.mark.parametrize("chain", NO_CHAINS)
def test_a_chain_of_filters_that_cannot_be_is_refused_before_anything_is_done(play_site, chain):
    variables, sentence = NO_CHAINS[chain]
    code, output = play_site(filter_chain=chain, **variables)
    assert code != 0
    assert sentence in output, output
    assert "UNREACHABLE" not in output


def test_variables_that_roles_have_are_taken(play_site):
    _code, output = play_site(postfix_parameters={}, postfixes=1, __postfix_x=1)
    assert "is no variable" not in output
    assert len(set(re.findall(r"\[(student\d)\]: UNREACHABLE", output))) == 2, output


def test_what_an_earlier_play_registered_is_no_mistake(ansible):
    earlier = {
        "hosts": "students",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.debug": {"msg": "x"}, "register": "postfix_seen"},
            {"ansible.builtin.set_fact": {"postfix_known": True}},
        ],
    }
    site = {"ansible.builtin.import_playbook": "labs.mail.site"}
    _code, output = ansible.play([earlier, site], {"student1": NOWHERE}, world=True)
    assert "is no variable" not in output
    assert "UNREACHABLE" in output


@pytest.mark.parametrize(
    "inventory", [path.name for path in ROOT.glob("inventories/*") if path.name != "containers"]
)
def test_the_inventories_to_copy_misspell_nothing(ansible, inventory):
    query = "{{ query('labs.mail.unknown_variables', *ansible_play_hosts) }}"
    checks = {"ansible.builtin.assert": {"that": "unknown == []"}, "vars": {"unknown": query}}
    play = [{"hosts": "all", "gather_facts": False, "run_once": True, "tasks": [checks]}]
    (ansible.folder / "check.yml").write_text(yaml.safe_dump(play))
    ansible.succeed("ansible-playbook", "-i", str(ROOT / "inventories" / inventory), "check.yml")


def check(ansible, *words, **variables):
    """Check machines that nothing reaches; returns the exit code, the output and the report."""
    machine = {**NOWHERE, "machine_address": "192.0.2.1", "accounts_password": "", **variables}
    hosts = dict.fromkeys(("student1", "student2", "world"), machine)
    reports = ansible.folder / "reports"
    extra = json.dumps({"exercise": "smtp_server", "report_folder": str(reports), "language": "en"})
    shutil.rmtree(reports, ignore_errors=True)
    code, output = ansible.play("labs.mail.check", hosts, "-e", extra, *words)
    report = reports / "smtp_server.json"
    return code, output, json.loads(report.read_text()) if report.exists() else None


@pytest.mark.parametrize("limit", ["student1", "student1,student2"])
def test_machines_that_do_not_answer_are_said_and_not_taken_for_wrong(ansible, limit):
    code, output, report = check(ansible, "--limit", limit)
    assert code == 4, output
    assert sorted(report["problems"]) == limit.split(",")
    assert report["machines"] == {}
    assert "An SMTP server answers on port 25" in output


def test_an_exercise_that_is_none_is_refused_with_the_nearest(ansible):
    code, output, report = check(ansible, "-e", "exercise=smtp_sever")
    assert code != 0
    assert "there is no exercise smtp_sever; did you mean smtp_server?" in output
    assert "UNREACHABLE" not in output
    assert report is None

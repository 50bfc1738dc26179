from __future__ import annotations

import re

import pytest

from tests.support.role_variables import evaluate

COURSE = {
    "server": "/usr/sbin/ipop3d",
    "log_on_success": ["HOST", "DURATION"],
    "log_on_failure": ["HOST"],
    "instances": 150,
    "cps": [70, 30],
}

PROGRAM = {"server": "/bin/cat"}


def xinetd(services, **defaults):
    """The files of xinetd by their paths. Raises ValueError with what is refused."""
    given = {"xinetd_services": services, "xinetd_defaults": defaults}
    refuse(evaluate("xinetd", "__xinetd_refusals", **given))
    files = evaluate("xinetd", "__xinetd_files", **given)
    return {file["path"]: file["content"] for file in files}


def inetd(services):
    """The lines of inetd.conf. Raises ValueError with what is refused."""
    refuse(evaluate("inetd", "__inetd_refusals", inetd_services=services))
    return evaluate("inetd", "__inetd_conf", inetd_services=services)


def refuse(sentences):
    if sentences:
        raise ValueError(sentences)


def service(key, attributes):
    """The file of a service of xinetd."""
    return xinetd({key: attributes})[f"/etc/xinetd.d/{key}"]


def test_the_course_s_service_as_xinetd_reads_it():
    assert service("pop3", COURSE) == (
        "# Managed by Ansible: labs.mail.xinetd\n"
        "service pop3\n"
        "{\n"
        "        disable         = no\n"
        "        socket_type     = stream\n"
        "        protocol        = tcp\n"
        "        wait            = no\n"
        "        user            = root\n"
        "        server          = /usr/sbin/ipop3d\n"
        "        log_on_success  = HOST DURATION\n"
        "        log_on_failure  = HOST\n"
        "        instances       = 150\n"
        "        cps             = 70 30\n"
        "}\n"
    )


XINETD = {
    # attributes of a service named trial or as given, and the lines that they become
    "unlisted": ("trial", {**PROGRAM, "port": 7000}, ["type = UNLISTED", "port = 7000"]),
    "another port": ("pop3", {**PROGRAM, "port": 1110}, ["type = UNLISTED", "port = 1110"]),
    "its own port": ("pop3", {**PROGRAM, "port": 110}, ["port = 110"]),
    "internal": ("echo", {"internal": True}, ["type = INTERNAL"]),
    "internal elsewhere": (
        "trial",
        {"internal": True, "service": "echo", "port": 7000},
        ["service echo", "type = INTERNAL UNLISTED", "id = trial", "port = 7000"],
    ),
    "udp": (
        "echo",
        {"internal": True, "socket_type": "dgram"},
        ["id = echo", "socket_type = dgram", "protocol = udp", "wait = yes"],
    ),
    "redirect": (
        "imap2",
        {"redirect": "127.0.0.1:1143"},
        ["redirect = 127.0.0.1 1143", "user = nobody"],
    ),
    "redirect by IPv6": ("imap2", {"redirect": "[::1]:1143"}, ["redirect = ::1 1143"]),
    "arguments": ("pop3", {**PROGRAM, "server_args": ["-a", "b"]}, ["server_args = -a b"]),
    "disabled": ("pop3", {**PROGRAM, "disable": True}, ["disable = yes"]),
    "a port in words": ("pop3", {**PROGRAM, "port": "1110"}, ["port = 1110"]),
    "unlimited": ("pop3", {**PROGRAM, "instances": "UNLIMITED"}, ["instances = UNLIMITED"]),
    "nothing logged": ("pop3", {**PROGRAM, "log_on_success": []}, ["log_on_success ="]),
    "access": (
        "pop3",
        {**PROGRAM, "only_from": ["10.0.0.0/8", "::1"]},
        ["only_from = 10.0.0.0/8 ::1"],
    ),
}


@pytest.mark.parametrize(("key", "attributes", "lines"), XINETD.values(), ids=XINETD)
def test_what_xinetd_is_told(key, attributes, lines):
    written = [" ".join(line.split()) for line in service(key, attributes).splitlines()]
    assert set(lines) <= set(written)
    if "port" not in attributes:
        assert not any(line.startswith("port ") for line in written)


def test_a_known_service_is_not_unlisted():
    assert "UNLISTED" not in service("pop3", {**PROGRAM, "port": 110})


def test_the_files_of_xinetd_are_one_for_all_and_one_for_each_service():
    files = xinetd({"pop3": COURSE, "imap2": PROGRAM}, instances=9)
    assert list(files) == [
        "/etc/xinetd.conf",
        "/etc/xinetd.d/pop3",
        "/etc/xinetd.d/imap2",
    ]
    assert "defaults\n{\n        instances       = 9\n}\n" in files["/etc/xinetd.conf"]
    assert files["/etc/xinetd.conf"].endswith("\nincludedir /etc/xinetd.d\n")


INETD = {
    "course": ("pop3", COURSE, "pop3 stream tcp nowait.4200 root /usr/sbin/ipop3d ipop3d"),
    "plain": ("pop3", PROGRAM, "pop3 stream tcp nowait root /bin/cat cat"),
    "by number": ("trial", {**PROGRAM, "port": 7000}, "7000 stream tcp nowait root /bin/cat cat"),
    "bound": (
        "pop3",
        {**PROGRAM, "bind": "127.0.0.1"},
        "127.0.0.1:pop3 stream tcp nowait root /bin/cat cat",
    ),
    "waits": (
        "tftp",
        {**PROGRAM, "socket_type": "dgram", "user": "a", "group": "b", "server_args": ["-s"]},
        "tftp dgram udp wait a:b /bin/cat cat -s",
    ),
    "internal": ("echo", {"internal": True}, "echo stream tcp nowait root internal"),
    "disabled": (
        "pop3",
        {**PROGRAM, "disable": True},
        "#pop3 stream tcp nowait root /bin/cat cat",
    ),
}


@pytest.mark.parametrize(("key", "attributes", "line"), INETD.values(), ids=INETD)
def test_what_inetd_is_told(key, attributes, line):
    assert inetd({key: attributes}) == f"# Managed by Ansible: labs.mail.inetd\n{line}\n"


BEYOND_INETD = {
    "redirect": (
        {"redirect": "127.0.0.1:1"},
        "inetd knows no redirect; leave it out, or use xinetd",
    ),
    "only_from": ({**PROGRAM, "only_from": ["::1"]}, "inetd knows no only_from;"),
    "no access at all": ({**PROGRAM, "only_from": []}, "inetd knows no only_from;"),
    "per_source": ({**PROGRAM, "per_source": 1}, "inetd knows no per_source;"),
    "IPv6": ({**PROGRAM, "bind": "::1"}, "inetd binds to IPv4 addresses;"),
    "many words": ({**PROGRAM, "server_args": ["x"] * 20}, "inetd hands 19 words on; write fewer"),
    "internal elsewhere": (
        {"service": "echo", "internal": True, "port": 7000},
        "inetd serves its own echo at its own port alone; leave port out",
    ),
}


@pytest.mark.parametrize(("attributes", "message"), BEYOND_INETD.values(), ids=BEYOND_INETD)
def test_what_inetd_cannot_do(attributes, message):
    with pytest.raises(ValueError) as caught:
        inetd({"pop3": attributes})
    assert re.match(
        rf"inetd_services\.pop3[^ ]*: (found .*; )?{re.escape(message)}", str(caught.value)
    )


REFUSED = {
    # a service named pop3, and the end of what is said of it
    "no mapping": ("cat", "xinetd_services.pop3: found 'cat'; write a mapping of attributes"),
    "misspelt": (
        {**PROGRAM, "instance": 1},
        "xinetd_services.pop3: instance is no attribute here; did you mean instances?",
    ),
    "nothing": ({}, "takes one of server, redirect and internal; found none of them"),
    "both": ({**PROGRAM, "redirect": "a:1"}, "found server and redirect"),
    "not internal": ({"internal": True}, "pop3 is no internal service; those are chargen,"),
    "port 0": (
        {**PROGRAM, "port": 0},
        "xinetd_services.pop3.port: found 0; write a number from 1 to 65535",
    ),
    "port true": ({**PROGRAM, "port": True}, "xinetd_services.pop3.port: found True;"),
    "port name": ({**PROGRAM, "port": "pop3"}, "xinetd_services.pop3.port: found 'pop3';"),
    "unknown port": (
        {**PROGRAM, "service": "nfs"},
        "the port of nfs is not known here; write port",
    ),
    "yes": (
        {**PROGRAM, "disable": "yes"},
        "xinetd_services.pop3.disable: found 'yes'; write true or false",
    ),
    "relative": ({"server": "cat"}, "write the program's path, from / on"),
    "one number": ({**PROGRAM, "cps": [70]}, "write connections a second, and seconds of pause"),
    "zero": ({**PROGRAM, "cps": [0, 1]}, "write two numbers from 1 on"),
    "text": ({**PROGRAM, "server_args": "a b"}, "write a list of words"),
    "a space": ({**PROGRAM, "server_args": ["a b"]}, "there is no quoting"),
    "a new line": ({**PROGRAM, "only_from": ["a\n}"]}, "there is no quoting"),
    "new user": ({**PROGRAM, "user": "root\nserver = /x"}, "xinetd_services.pop3.user: found"),
    "a log": ({**PROGRAM, "log_type": "mail.log"}, "write SYSLOG with a facility"),
    "what to log": ({**PROGRAM, "log_on_success": ["host"]}, "write one of PID, HOST"),
    "none at once": ({**PROGRAM, "instances": 0}, "write a number from 1 on, or UNLIMITED"),
    "no address": ({**PROGRAM, "bind": "localhost"}, "write an IP address of this machine"),
    "no port": ({"redirect": "127.0.0.1"}, "write an address and a port, such as 127.0.0.1:1143"),
    "udp streams": ({**PROGRAM, "protocol": "udp"}, "stream goes with tcp, and dgram with udp"),
    "redirect waits": ({"redirect": "a:1", "wait": True}, "redirect is for stream and wait: false"),
}


@pytest.mark.parametrize(("attributes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(attributes, message):
    with pytest.raises(ValueError) as caught:
        xinetd({"pop3": attributes})
    assert message in str(caught.value)


@pytest.mark.parametrize("key", ["", "a.b", "../passwd", "a b", "-a", 7, "pop3\n"])
def test_a_name_must_be_a_file_s_that_xinetd_reads(key):
    with pytest.raises(ValueError, match="is no name of a service; write letters, digits"):
        xinetd({key: PROGRAM})


def test_services_are_a_mapping():
    with pytest.raises(ValueError, match="write a mapping of services by their names"):
        xinetd([PROGRAM])


def test_null_is_a_service_or_an_attribute_that_is_not_there():
    files = xinetd({"pop3": None, "imap2": {**PROGRAM, "instances": None}})
    assert list(files) == ["/etc/xinetd.conf", "/etc/xinetd.d/imap2"]
    assert "instances" not in files["/etc/xinetd.d/imap2"]


def test_no_service_at_all():
    assert list(xinetd({})) == ["/etc/xinetd.conf"]
    assert inetd({}) == "# Managed by Ansible: labs.mail.inetd\n"


MEETING = {
    "one name for another": ({"imap": PROGRAM, "imap2": PROGRAM}, True),
    "an address among all": ({"imap": PROGRAM, "b": {**PROGRAM, "port": 143, "bind": "::1"}}, True),
    "disabled": ({"imap": PROGRAM, "imap2": {**PROGRAM, "disable": True}}, False),
    "two protocols": (
        {
            "echo": {"internal": True},
            "u": {"service": "echo", "internal": True, "socket_type": "dgram"},
        },
        False,
    ),
    "two addresses": (
        {"imap": {**PROGRAM, "bind": "127.0.0.1"}, "imap2": {**PROGRAM, "bind": "127.0.0.2"}},
        False,
    ),
}


@pytest.mark.parametrize(("services", "meet"), MEETING.values(), ids=MEETING)
def test_two_services_cannot_take_one_port(services, meet):
    for serve in (xinetd, inetd):
        if serve is inetd and "::1" in str(services):
            continue
        if meet:
            with pytest.raises(ValueError, match="both take port 143; disable one"):
                serve(services)
        else:
            assert serve(services)


@pytest.mark.parametrize("program", ["xinetd", "inetd"])
def test_the_ports_that_are_listened_on(program):
    services = {
        "pop3": PROGRAM,
        "trial": {**PROGRAM, "port": 7},
        "imap2": {**PROGRAM, "disable": True},
        "tftp": {**PROGRAM, "socket_type": "dgram"},
    }
    assert evaluate(program, f"__{program}_ports", **{f"{program}_services": services}) == [7, 110]


@pytest.mark.parametrize("name", ["server", "port", "disable", "internal"])
def test_defaults_take_what_can_hold_for_all(name):
    with pytest.raises(ValueError, match=f"xinetd_defaults: {name} is no attribute here"):
        xinetd({}, **{name: 1})

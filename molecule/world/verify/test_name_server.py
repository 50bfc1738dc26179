import dns.message
import dns.query
import dns.rcode
import dns.reversename
import pytest


def ask(server, name, kind="A"):
    """Ask the server over TCP, as nobody else's answer can be taken for its own there."""
    return dns.query.tcp(dns.message.make_query(name, kind), server, timeout=10)


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("student1.test", "MX", "10 mail.student1.test."),
        ("mail.student1.test", "A", "192.0.2.11"),
        (dns.reversename.from_address("192.0.2.11"), "PTR", "mail.student1.test."),
    ],
)
def test_the_labs_names_resolve_for_everybody(address, name, kind, answer):
    reply = ask(address, name, kind)
    assert [data.to_text() for rrset in reply.answer for data in rrset] == [answer]


@pytest.mark.parametrize("name", ["deb.debian.org", "example.com", "nobody.student1.test"])
def test_no_other_name_exists_for_those_who_ask(address, name):
    assert ask(address, name).rcode() == dns.rcode.NXDOMAIN


def test_the_machine_itself_finds_the_labs_names(host):
    assert host.check_output("dig +short @127.0.0.1 mail.student1.test") == "192.0.2.11"

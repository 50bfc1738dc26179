import http.client
import subprocess

import pytest

from tests.support.waiting import until


@pytest.fixture
def get(address):
    """Ask the machine, from outside it, for a path of a site; returns status, type and body."""

    def get(name, path="/"):
        connection = http.client.HTTPConnection(address, timeout=30)
        connection.request("GET", path, headers={"Host": name})
        reply = connection.getresponse()
        return reply.status, reply.getheader("Content-Type"), reply.read().decode()

    return get


@pytest.mark.parametrize("name", ["www.etab.fr", "etab.fr", "WWW.etab.fr", "www.etab.fr:80"])
def test_a_site_answers_to_each_of_its_names(get, name):
    status, kind, body = get(name)
    assert (status, kind) == (200, "text/html")
    assert "<p>Société</p>" in body


def test_a_file_in_a_folder_comes_with_its_type_whatever_is_asked_of_it(get):
    answer = (200, "text/xml", "<td/>")
    assert get("etab.fr", "/cours/td.xml") == answer
    assert get("etab.fr", "/cours/td.xml?emailaddress=tech%40etab.fr") == answer


@pytest.mark.parametrize(
    ("name", "path"),
    [("www.autre.fr", "/"), ("etab.fr", "/absent"), ("tech.etab.fr", "/cours/td.xml")],
)
def test_what_is_not_there_is_not_found(get, name, path):
    assert get(name, path)[0] == 404


def test_nothing_above_a_root_is_served(get):
    assert get("etab.fr", "/../../../etc/passwd")[0] in (400, 404)
    assert get("etab.fr", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd")[0] in (400, 404)


def test_an_owner_fills_a_folder_that_is_the_owner_s(host, get):
    host.check_output("su tech -c 'echo bonjour > /srv/tech/essai.txt'")
    assert get("tech.etab.fr", "/essai.txt")[2] == "bonjour\n"
    assert get("tech.etab.fr", "/consigne.txt")[2] == "À vous."


def test_requests_are_logged(host, get):
    get("etab.fr", "/journal")
    log = host.file("/var/log/lighttpd/access.log")
    until(lambda: log.content_string, lambda text: '"GET /journal HTTP/1.1" 404' in text)


def test_a_real_client_agrees(address):
    command = ["curl", "-sS", "--resolve", f"etab.fr:80:{address}", "http://etab.fr/cours/td.xml"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "<td/>"


def test_it_is_started_at_boot(host):
    assert host.service("lighttpd").is_enabled
    assert host.service("lighttpd").is_running

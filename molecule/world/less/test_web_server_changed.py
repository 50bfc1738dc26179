import urllib.request


def test_every_name_has_the_new_page(address):
    for host in ("etab.fr", "nulle-part.fr", address):
        request = urllib.request.Request(f"http://{address}:8080/", headers={"Host": host})
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.read() == b"Bonjour"


def test_what_is_not_named_any_more_is_gone(host):
    assert not host.socket("tcp://80").is_listening
    assert host.file("/var/www").listdir() == ["www.etab.fr"]
    assert host.file("/var/www/www.etab.fr").listdir() == ["index.html"]


def test_a_root_elsewhere_stays_with_what_its_owner_wrote(host):
    assert host.file("/srv/tech/essai.txt").user == "tech"

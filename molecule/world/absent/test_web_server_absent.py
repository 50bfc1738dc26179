def test_the_web_server_left_nothing_but_a_root_elsewhere(host):
    assert not host.package("lighttpd").is_installed
    assert host.run("pidof lighttpd").failed
    for path in ("/etc/lighttpd", "/var/www", "/var/log/lighttpd"):
        assert not host.file(path).exists
    assert host.file("/srv/tech/essai.txt").exists

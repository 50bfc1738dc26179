def test_the_name_server_left_nothing_behind(host):
    assert not host.package("bind9").is_installed
    assert not host.file("/etc/bind").exists
    assert not host.socket("tcp://53").is_listening

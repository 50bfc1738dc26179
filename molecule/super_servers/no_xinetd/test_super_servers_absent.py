def test_neither_super_server_is_there(host):
    for package, program in (("xinetd", "xinetd"), ("openbsd-inetd", "inetd")):
        assert not host.package(package).is_installed
        assert host.run(f"pidof {program}").failed
        assert not host.file(f"/etc/systemd/system/{program}.service").exists
        assert not host.file(f"/etc/{program}.conf").exists
    assert not host.file("/etc/xinetd.d").exists
    assert not host.file("/etc/systemd/system/inetd.service.d").exists


def test_nothing_listens_any_more(host):
    assert not host.socket("tcp://110").is_listening

def test_clamav_left_nothing(host):
    assert not host.package("clamav-daemon").is_installed
    assert not host.socket("tcp://127.0.0.1:3310").is_listening
    assert host.process.filter(comm="freshclam") == []
    for path in ("/etc/clamav", "/var/lib/clamav", "/etc/systemd/system/clamav-daemon.service"):
        assert not host.file(path).exists, path

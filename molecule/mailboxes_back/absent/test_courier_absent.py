def test_courier_left_nothing_but_the_mail(host):
    assert "courier" not in host.check_output("dpkg -l")
    assert not host.process.filter(user="courier")
    assert not [one for one in host.process.filter() if "courier" in one.args]
    for port in (110, 143, 993, 995):
        assert not host.socket(f"tcp://{port}").is_listening
    for path in ("/etc/courier", "/etc/skel/Maildir", "/run/courier", "/var/lib/courier"):
        assert not host.file(path).exists, path
    assert not host.run("ls /etc/systemd/system/courier* /etc/systemd/system/*/courier*").succeeded
    assert host.run("ls /home/tech/Maildir/*/*").succeeded

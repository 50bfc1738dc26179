def test_dovecot_left_nothing_but_the_mail(host):
    assert not host.package("dovecot-core").is_installed
    assert not host.socket("tcp://143").is_listening
    assert not host.file("/etc/dovecot").exists
    assert host.run("ls /home/tech/Maildir/*/*").succeeded

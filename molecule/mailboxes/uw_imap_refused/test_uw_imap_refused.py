PASSWORD = "premier-essai"


def test_what_was_installed_serves_on(host, imap, pop3):
    assert host.run("dpkg --verify uw-imap-from-source").stdout == ""
    assert host.package("uw-imap-from-source").is_installed
    assert imap("tech", PASSWORD).logout()[0] == "BYE"
    assert pop3("tech", PASSWORD).quit().startswith(b"+OK")

def test_nobody_on_the_network_is_asked_about_messages(host):
    assert " --local " in host.check_output("pgrep -fa bin/spamd")
    assert "dns_available no\n" in host.file("/etc/spamassassin/local.cf").content_string

def test_the_filters_left_nothing(host):
    for package in ("spamassassin", "spamd", "clamav", "clamav-daemon", "clamsmtp"):
        assert not host.package(package).is_installed
    for path in (
        "/etc/clamav",
        "/etc/clamsmtpd.conf",
        "/etc/postfix/filtre",
        "/etc/spamassassin",
        "/usr/local/sbin/spamfilter",
        "/var/lib/clamav",
        "/var/spool/clamsmtp",
    ):
        assert not host.file(path).exists, path
    assert not host.user("spamfilter").exists

def test_clamd_is_the_packages(host):
    (process,) = host.process.filter(comm="clamd")
    assert process.args.startswith("/usr/sbin/clamd ")
    assert not host.package("clamav-from-source").is_installed
    assert not host.file("/usr/local/clamav").exists

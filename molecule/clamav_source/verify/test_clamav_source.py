def test_clamd_is_what_was_built(host):
    (process,) = host.process.filter(comm="clamd")
    assert process.args.startswith("/usr/local/clamav/sbin/clamd ")
    assert host.package("clamav-from-source").is_installed
    assert not host.package("clamav-daemon").is_installed


def test_what_built_it_is_gone(host):
    for package in ("cmake", "rustc-web", "libcurl4-openssl-dev"):
        assert not host.package(package).is_installed, package

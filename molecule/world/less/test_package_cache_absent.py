def test_the_cache_left_nothing_behind(host):
    assert not host.package("apt-cacher-ng").is_installed
    assert not host.file("/var/cache/apt-cacher-ng").exists
    assert not host.socket("tcp://3142").is_listening

def test_a_new_name_replaces_the_old_one(host):
    assert host.check_output("hostname -f") == "mail.beauvtt.fr"
    assert "ac-amiens" not in host.file("/etc/hosts").content_string


def test_the_resolver_is_as_declared(host):
    content = host.file("/etc/resolv.conf").content_string
    assert content == "search beauvtt.fr\nnameserver 192.0.2.53\n"


def test_the_time_zone_changed(host):
    assert host.check_output("date +%Z") == "UTC"


def test_packages_come_through_the_proxy(host):
    assert host.check_output("apt-config dump Acquire::http::Proxy").endswith(
        '"http://192.0.2.80:3142";'
    )

import subprocess


def fetch(address, url):
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
    proxy = ["--proxy", f"http://{address}:3142"]
    return subprocess.run(
        [*command, *proxy, url], capture_output=True, text=True, check=False
    ).stdout


def test_debians_archive_comes_through(host, address):
    release = "bookworm" if host.system_info.release.startswith("12") else "trixie"
    assert fetch(address, f"http://deb.debian.org/debian/dists/{release}/InRelease") == "200"


def test_it_is_no_way_to_anywhere_else(host, address):
    assert fetch(address, "http://example.com/") == "403"


def test_it_connects_to_nothing(host, address):
    tunnel = ["curl", "--silent", "--proxytunnel", "--proxy", f"http://{address}:3142"]
    command = [*tunnel, "--output", "/dev/null", "--write-out", "%{http_connect}"]
    for url in ("https://example.com/", "https://deb.debian.org/"):
        told = subprocess.run([*command, url], capture_output=True, text=True, check=False).stdout
        assert told == "403"


def test_nobody_administers_it_over_the_network(host, address):
    for query in ("", "?doExpire=Start+Scan+and%2For+Expiration&purgeNow=p1"):
        page = subprocess.run(
            ["curl", "--silent", f"http://{address}:3142/acng-report.html{query}"],
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
        assert "Usage" in page or "406" in page, page
        assert "Expiration" not in page

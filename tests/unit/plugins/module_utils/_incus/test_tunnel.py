"""The socket of a daemon over SSH; ssh(1) is a stand-in that a test writes."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._incus import tunnel
from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client, Endpoint
from ansible_collections.labs.mail.plugins.module_utils._incus.tunnel import Host
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

HOSTS = {
    "host1": Host("host1"),
    "root@192.0.2.1": Host("192.0.2.1", "root"),
    "root@a.example:2222": Host("a.example", "root", 2222),
}


@pytest.mark.parametrize(("text", "host"), HOSTS.items())
def test_a_host_as_it_is_written(text, host):
    assert tunnel.parse(text) == host


@pytest.mark.parametrize(
    "text", ["", "-oProxyCommand=x", "root@", "@a", "a b", "a:", "a:99999", "a;b", "a\n", "a@b@c"]
)
def test_what_is_no_host_never_reaches_ssh(text):
    with pytest.raises(ConfigError, match=r"write names or addresses such as root@192\.0\.2\.1"):
        tunnel.parse(text)


STAND_IN = """\
#!/bin/sh
while [ $# -gt 1 ]; do
    [ "$1" = -L ] && place=${2%%:*}
    shift
done
case $1 in
    dead*) echo "ssh: connect to host $1 port 22: No route to host" >&2; exit 255 ;;
    idle*) ln -s /nonexistent.sock "$place"; : > "$place.log"; ln -sf /dev/null "$place" ;;
    *) ln -s SOCKET "$place" ;;
esac
exec sleep 60
"""


@pytest.fixture
def ssh(tmp_path, daemon, monkeypatch):
    """A ssh(1) that leads to the daemon in memory."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(STAND_IN.replace("SOCKET", daemon.socket))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_the_first_host_that_answers_is_asked(ssh):
    with tunnel.opened(["dead1", "idle2", "root@live3:22"]) as path:
        assert Client(Endpoint(path)).get("")["environment"]["server"] == "incus"


def test_where_none_answers_each_is_named_with_its_reason(ssh):
    with (
        pytest.raises(EngineError, match="no host answers: dead1: .*No route to host; idle2: "),
        tunnel.opened(["dead1", "idle2"]),
    ):
        pass

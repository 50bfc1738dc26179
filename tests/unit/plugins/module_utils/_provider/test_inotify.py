"""How many systemds a kernel lets run; its limit is a file of the test."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.labs.mail.plugins.module_utils._provider import inotify
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError


@pytest.mark.parametrize(
    ("machines", "limit", "after"),
    [(10, "128", "128"), (11, "128", "8192"), (11, "8192", "8192"), (200, "65536", "65536")],
)
def test_many_machines_need_more_of_the_kernel(tmp_path, monkeypatch, machines, limit, after):
    path = tmp_path / "max_user_instances"
    path.write_text(f"{limit}\n")
    monkeypatch.setattr(inotify, "INOTIFY_LIMIT", path)
    inotify.raise_inotify_limit(machines)
    assert path.read_text() == f"{after}\n"


def test_who_may_not_raise_the_kernels_limit_is_told_how(monkeypatch):
    def write_text(_text):
        raise PermissionError

    limit = SimpleNamespace(read_text=lambda: "128\n", write_text=write_text)
    monkeypatch.setattr(inotify, "INOTIFY_LIMIT", limit)
    with pytest.raises(EngineError, match="as root, sysctl fs.inotify.max_user_instances=8192"):
        inotify.raise_inotify_limit(20)

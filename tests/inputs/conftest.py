"""Count the malformed inputs, and what was said of them."""

pytest_plugins = ["tests.unit.plugins.modules.conftest"]


def pytest_terminal_summary(terminalreporter):
    passed, failed = (len(terminalreporter.stats.get(each, [])) for each in ("passed", "failed"))
    terminalreporter.write_line(
        f"COUNTED {passed + failed} malformed inputs: {passed} clear sentences, {failed} not so"
    )

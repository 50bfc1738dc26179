"""What axe-core finds of a page in a browser: rules of accessibility that a machine can decide."""

from __future__ import annotations

from selenium.webdriver.remote.webdriver import WebDriver

from launcher.browser_libraries import Library, ensure

AXE = Library("axe", {"axe-core": {"axe.min.js": "package/axe.min.js"}})
RUN = "axe.run().then(arguments[0], error => arguments[0]({error: String(error)}));"


def findings(driver: WebDriver) -> tuple[list[str], int]:
    """Return what axe-core finds of the page that is shown, and how many rules the page meets."""
    ensure(AXE)
    driver.execute_script((AXE.directory / "axe.min.js").read_text(encoding="utf-8"))
    told = driver.execute_async_script(RUN)
    assert "error" not in told, told
    found = [
        f"{each['id']}: {node['failureSummary']} {node['html']}"
        for each in told["violations"]
        for node in each["nodes"]
    ]
    return found, len(told["passes"])

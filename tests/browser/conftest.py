"""A real Chromium without a window, and the pages that it is shown. Both are asked for by the tests in this directory.

Playwright drives the Chromium of the machine; it brings none of its own, and downloads none.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from html_reports import report
from test_html_report_inputs import HOSTILE, named

from harness.report.html.page import write_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--no-sandbox",  # containers have no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES: Final = ("ordinary", "large", "hostile")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real headless Chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright: pip install '.[browser]'")
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each of `PAGES`."""
    directory = tmp_path_factory.mktemp("pages")
    reports = {"ordinary": report(), "large": report(20_000, 5_000, 400), "hostile": named(HOSTILE["long"])}
    for name, told in reports.items():
        write_html(told, directory / f"{name}.html")
    return {name: (directory / f"{name}.html").as_uri() for name in PAGES}

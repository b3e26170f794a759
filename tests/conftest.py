"""How thoroughly hypothesis looks: `ci` always, `nightly` with `--hypothesis-profile=nightly`.

What tests compile stays in pytest's own cache, so that only their first run has to wait for it, and no test writes to
the user's.

With VAULTDRILL_NO_SKIPS=1 in the environment nothing may be skipped: who lacks a package or a server for a test fails.
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest
from hypothesis import settings

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=20_000)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.has_plugin("cacheprovider"):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(config.cache.mkdir("numba")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _never_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _never_skipped((yield))


def _never_skipped(report: _Report) -> _Report:
    """The report, that of a failure where something was skipped and nothing may be; one that has to fail is none."""
    if os.environ.get("VAULTDRILL_NO_SKIPS") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"VAULTDRILL_NO_SKIPS=1, and this was not run: {reason}"
    return report

"""How thoroughly hypothesis looks: `ci` always, `nightly` with `--hypothesis-profile=nightly`.

What tests compile stays in pytest's own cache, so that only their first run has to wait for it, and no test writes to
the user's.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=20_000)
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    if config.pluginmanager.has_plugin("cacheprovider"):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(config.cache.mkdir("numba")))

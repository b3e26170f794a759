"""With VAULTDRILL_NO_SKIPS=1, whatever would be skipped fails, and says what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = {
    "test_module.py": 'import pytest\npytest.importorskip("no_such_package")\ndef test_never(): pass\n',
    "test_asked.py": 'import pytest\ndef test_it(): pytest.skip("needs a server: pip install it")\n',
    "test_setup.py": 'import pytest\n@pytest.fixture\ndef missing(): pytest.skip("needs a fixture")\n'
    "def test_it(missing): pass\n",
    "test_marked.py": 'import pytest\n@pytest.mark.skipif(True, reason="marked")\ndef test_it(): pass\n',
    "test_fine.py": "import pytest\ndef test_it(): pass\n@pytest.mark.xfail\ndef test_known(): assert False\n",
}


def ended(folder: Path, strictly: str) -> subprocess.CompletedProcess[str]:
    for name, text in TESTS.items():
        (folder / name).write_text(text)
    (folder / "conftest.py").write_bytes(Path(__file__).with_name("conftest.py").read_bytes())
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    environment = {**os.environ, "VAULTDRILL_NO_SKIPS": strictly, "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_is_skipped_fails_and_says_what_is_missing(tmp_path: Path) -> None:
    told = ended(tmp_path, "1")
    assert told.returncode == 1
    assert told.stdout.splitlines()[-1].startswith("1 failed, 1 passed, 1 xfailed, 3 errors in")
    for missing in ("'no_such_package'", "needs a server: pip install it", "needs a fixture", "marked"):
        assert any("VAULTDRILL_NO_SKIPS=1" in line and missing in line for line in told.stdout.splitlines())


@pytest.mark.parametrize("strictly", ["", "0"])
def test_else_it_is_skipped(tmp_path: Path, strictly: str) -> None:
    told = ended(tmp_path, strictly)
    assert told.returncode == 0
    assert told.stdout.splitlines()[-1].startswith("1 passed, 4 skipped, 1 xfailed in")

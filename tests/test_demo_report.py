"""`vaultdrill demo --html`: the report of the demo, whole, small, and the same for the same seed."""

import sys
from pathlib import Path

import pytest
from calling import Run, caller
from html_pages import parsed
from test_html_report import without_throughput

SMALL = ("--people", "20", "--days", "21")


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("demo", tmp_path, monkeypatch, capsys)


def test_the_page_is_written_and_tells_what_the_terminal_tells(demo: Run, tmp_path: Path) -> None:
    ran = demo(*SMALL, "--html", "report.html")
    assert (ran.code, ran.err) == (0, "")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert len(text.encode()) < 3_000_000
    told = parsed(text).text
    attacks = ran.out.partition("What became of the attacks:")[2].partition("and of the harmless incidents:")[0]
    missed = [line.partition("no signal: ")[2] for line in attacks.splitlines() if "no signal: " in line]
    assert missed
    assert [why for why in missed if why.replace("`", "") not in told] == []
    assert str(tmp_path) not in text


def test_the_same_seed_makes_the_same_bytes_but_for_what_a_machine_measures(demo: Run, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        assert demo(*SMALL, "--html", name).code == 0
    one, two = ((tmp_path / name).read_text("utf-8") for name in ("one.html", "two.html"))
    assert without_throughput(one) == without_throughput(two)


@pytest.mark.parametrize("package", ["jinja2", "altair", "vl_convert"])
def test_without_the_packages_it_says_what_to_install_before_any_work(
    demo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    ran = demo(*SMALL, "--html", "report.html")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"vaultdrill: --html: needs the package {package}: pip install 'vaultdrill[report]'\n"
    assert not [*tmp_path.iterdir()]


def test_a_file_that_cannot_be_written_is_refused_before_any_work(demo: Run) -> None:
    ran = demo("--html", "absent/report.html")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "vaultdrill: --html: found absent/report.html; legal: a file, in a directory that exists\n"

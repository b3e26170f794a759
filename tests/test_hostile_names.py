"""Names from outside, of rules and of incidents, command neither a terminal nor the page that they are written to."""

import json
from pathlib import Path
from typing import Final

import pytest
from calling import caller
from drills import Usage, write_drill

from detector.rules import shipped_path
from harness.report.columns import WIDTH

NAME: Final = "red \x1b[31m | <script>alert(1)</script>\n# [a](b) \u202eend"
USAGES: Final = [
    *(Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob")),
    Usage("2026-01-15T10:00:00Z", "bob", "export", f"attacks/{NAME}#1"),
    Usage("2026-01-25T10:00:00Z", "bob", "export", f"attacks/{NAME}#2"),
]
RULE: Final = ("--rule", "hostile.json")
SETTINGS: Final = ("--learning-duration", "7", "--forget-after", "7,28")
VERBS: Final = {
    "score": (*RULE, "--max-missed", "2"),
    "compare": ("shipped", "hostile.json"),
    "sweep": (*RULE, *SETTINGS, "--max-missed", "2"),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A dataset `d` and a rule `hostile.json` that forgets after a week."""
    write_drill(tmp_path / "d", USAGES, "2026-01-26T00:00:00Z")
    document = json.loads(shipped_path().read_text("utf-8"))
    document["name"] = NAME
    document["options"]["newValueOptions"]["forgetAfter"] = 7
    (tmp_path / "hostile.json").write_text(json.dumps(document), "utf-8")
    return tmp_path


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_told_of_them_is_text_alone(
    verb: str, form: str, place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ran = caller(verb, place, monkeypatch, capfd)("--dataset", "d", *VERBS[verb], "--format", form)
    assert ran.code == 0, ran.err
    assert not [character for character in ran.out if not character.isprintable() and character != "\n"]
    if form == "markdown":
        assert "<script>" not in ran.out
        assert "\n# " not in ran.out
        assert " [a](b)" not in ran.out
    else:
        assert max(map(len, ran.lines)) <= WIDTH


def test_the_summary_of_a_step_is_text_too(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = caller("score", place, monkeypatch, capfd)
    assert run("--dataset", "d", *VERBS["score"], "--step-summary", "s.md").code == 0
    told = (place / "s.md").read_text("utf-8")
    assert told.startswith(r"### vaultdrill: red \x1b\[31m \| &lt;script>")


def test_a_chart_has_them_as_its_title(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("altair", reason="needs the extra `report`")
    run = caller("sweep", place, monkeypatch, capfd)
    assert run("--dataset", "d", *RULE, *SETTINGS, "--heatmap", "h.svg").code == 0
    assert r"red \x1b[31m | &lt;script&gt;" in (place / "h.svg").read_text("utf-8")

"""What Datadog's log search answers (`POST /api/v2/logs/events/search`), kept as a file, read in every form."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import ADA, BOB, line, log, new_value_rule
from calling import Run, caller
from naive_records import Json

from detector.page import read_page

LOGS = [log(0, by=ADA), log(10**9, "fill", BOB), log(2 * 10**9, "export", ADA)]
MATCHES = [ADA, BOB, ADA]


def answer(*logs: Json, **meta: Any) -> Json:
    """A page as Datadog answers with it."""
    return {
        "data": list(logs),
        "links": {"next": "https://api.example.com/api/v2/logs/events/search?page%5Bcursor%5D=c"},
        "meta": {"elapsed": 132, "page": {"after": "c"}, "request_id": "r", "status": "done", **meta},
    }


PAGES = [answer(*LOGS[:2]), answer(LOGS[2])]
FORMS = {
    "one page": line(answer(*LOGS)),
    "a page a line": b"\n".join(map(line, PAGES)) + b"\n",
    "pages without a break": b"".join(map(line, PAGES)),
    "a page as jq prints it": json.dumps(answer(*LOGS), indent=2).encode(),
    "pages as jq prints them": b"\n".join(json.dumps(page, indent=2).encode() for page in PAGES),
    "a log a line": b"\n".join(map(line, LOGS)),
    "logs as jq prints them": b"\n".join(json.dumps(one, indent=2).encode() for one in LOGS),
    "an array of logs": json.dumps(LOGS).encode(),
    "a page that is empty at the end": b"\n".join(map(line, [answer(*LOGS), answer()])),
    "data and nothing else": line({"data": LOGS}),
}


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("detect", tmp_path, monkeypatch, capsys)


def matched(detect: Run, text: bytes, *options: str) -> list[str]:
    Path("results.json").write_bytes(text)
    ran = detect("results.json", "--rule", "rule.json", "--emit", "matches", *options)
    assert ran.code == 0, ran.err
    return [json.loads(row)["group"]["@usr.email"] for row in ran.lines]


@pytest.fixture(autouse=True)
def rule(tmp_path: Path) -> None:
    """Every action is new the first time."""
    document = new_value_rule(query="source:1password", new_value={"learningMethod": "threshold"})
    (tmp_path / "rule.json").write_bytes(line(document))


@pytest.mark.parametrize("form", FORMS)
def test_in_every_form_the_same_events_match(detect: Run, form: str) -> None:
    assert matched(detect, FORMS[form]) == MATCHES


@pytest.mark.parametrize("meta", [{}, {"warnings": []}, {"warnings": None}, {"status": None}, {"page": {}}])
def test_a_complete_page_lacks_nothing(meta: Json) -> None:
    page = read_page(line(answer(*LOGS, **meta)))
    assert page is not None
    assert (len(page.items), page.field, page.missing) == (3, "data", "")


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"status": "timeout"}, "meta.status: found 'timeout'; legal: 'done', "),
        ({"status": 7}, "meta.status: found 7; legal: 'done', "),
        (
            {"warnings": [{"code": "unknown_index", "detail": "indexes: foo", "title": "Index not found"}, {}]},
            "meta.warnings: found 'unknown_index: Index not found: indexes: foo'; legal: none, ",
        ),
        ({"warnings": "a\nb"}, "meta.warnings: found 'a\\nb'; legal: none, "),
        ({"warnings": {"code": "x"}}, "meta.warnings: found 'x'; legal: none, "),
    ],
)
def test_partial_results_say_why_they_are_partial(meta: Json, told: str) -> None:
    page = read_page(line(answer(*LOGS, **meta)))
    assert page is not None
    assert page.missing.startswith(told)
    assert "\n" not in page.missing


@pytest.mark.parametrize("meta", [7, "x", [], None, {"status": "done", "more": {}}])
def test_meta_of_somebody_elses_making_says_nothing(meta: object) -> None:
    page = read_page(line({"data": LOGS, "meta": meta}))
    assert page is not None
    assert page.missing == ""


def test_a_log_whose_own_fields_are_called_data_and_meta_is_a_log_and_no_page() -> None:
    assert read_page(line(log(0, meta={"status": "timeout"}, data=[1]))) is None


def test_a_page_that_is_cut_off_is_refused_with_its_line(detect: Run) -> None:
    Path("results.json").write_bytes(FORMS["a page a line"][:-20])
    ran = detect("results.json")
    assert ran.code == 2
    assert ran.err.startswith("vaultdrill: results.json:2: ")


def test_an_error_within_a_page_is_named_by_its_place_and_line(detect: Run) -> None:
    page = answer(*LOGS, log(3 * 10**9))
    del page["data"][3]["id"]
    text = json.dumps(page, indent=2)
    number = text[: text.rindex('"type": "log"')].count("\n")  # the brace before it
    Path("results.json").write_bytes(text.encode())
    assert detect("results.json").err.startswith(f"vaultdrill: results.json:{number}: data[3]: ")


def test_partial_results_stop_the_run_and_name_the_line_of_their_page(detect: Run) -> None:
    pages = [answer(LOGS[0]), answer(*LOGS[1:], status="timeout")]
    Path("results.json").write_bytes(b"\n".join(map(line, pages)))
    ran = detect("results.json", "--rule", "rule.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("vaultdrill: results.json:2: meta.status: found 'timeout'; legal: 'done', ")


def test_whoever_skips_errors_is_told_of_partial_results_and_gets_what_there_is(detect: Run) -> None:
    page = answer(*LOGS, warnings=[{"code": "c", "title": "t"}])
    assert matched(detect, line(page), "--on-error", "skip") == MATCHES
    ran = detect("results.json", "--on-error", "skip")
    assert "warning: results.json:1: meta.warnings: found 'c: t'; legal: none, " in ran.err


@pytest.mark.parametrize("engine", ["stream", "columnar"])
def test_a_search_that_was_cut_short_makes_no_record_unreadable(detect: Run, engine: str) -> None:
    Path("results.json").write_bytes(line(answer(*LOGS, status="timeout")) + b"\n" + line(log(0, evt=None)) + b"\n?\n")
    ran = detect("results.json", "--on-error", "skip", "--engine", engine, "--summary", "summary.json")
    assert ran.err.count("warning: results.json:1: meta.status: found 'timeout'; legal: 'done', ") == 1
    assert json.loads(Path("summary.json").read_bytes())["events"]["unreadable"] == 1

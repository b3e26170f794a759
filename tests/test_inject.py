"""Injecting into whatever holds 1Password records: what was there stays byte for byte, and the truth lies beside it."""

import gzip
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders import ADA, BOB, audit, sign_in, usage
from hypothesis import given
from hypothesis import strategies as st
from naive_records import SECOND, Json

from detector.instant import parse_instant
from detector.source import SourceError
from harness.cli import main
from harness.injecting import Injected, InjectionError, NothingPlaced, case_of, inject, is_earlier
from harness.log_files import log_files
from harness.log_record import LogError, LogReader
from harness.logs import sort_logs
from harness.original import OriginalError
from harness.run import write_company
from harness.verbs.inject import report
from scenarios.duration import Duration
from scenarios.scenario import Casting, Moment, Scenario
from scenarios.step import ItemUsageStep, SignInStep
from simulator.company import Company
from simulator.profile_file import load_profile
from simulator.records import FEEDS
from simulator.writers import DatasetError

DAY = 86_400 * SECOND
LEGAL = "legal: records of the 1Password Events API"
ONE_OF_EACH = {"itemusages": usage(0), "signinattempts": sign_in(1), "auditevents": audit(2)}


def line(record: Json) -> bytes:
    """A record as the API writes it, without a newline."""
    return json.dumps(record, separators=(",", ":")).encode()


def write(path: Path, *lines: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(each + b"\n" for each in lines))
    return path


def feed_lines(directory: Path, feed: str) -> list[bytes]:
    return (directory / f"{feed}.ndjson").read_bytes().split(b"\n")[:-1]


def rows(directory: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in feed_lines(directory, name)]


def manifest(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "manifest.json").read_bytes())
    return found


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


# Records of logs.


@pytest.mark.parametrize("feed", FEEDS)
def test_a_record_names_its_feed_and_its_time_and_keeps_its_bytes(feed: str) -> None:
    odd = b"  " + json.dumps(ONE_OF_EACH[feed], separators=(" ,  ", " : ")).encode() + b"\r"
    (found,) = LogReader().read([odd], "a", 1)
    assert (found.feed, found.text) == (feed, odd)
    assert found.at - LogReader().read([line(usage(0))], "a", 1)[0].at == FEEDS.index(feed)


RECORDS = st.lists(
    st.builds(
        lambda make, at, text: make(at, note=text),
        st.sampled_from([usage, sign_in, audit]),
        st.integers(0, 10**15),
        st.text(max_size=9),
    ),
    max_size=9,
)
PACKINGS: list[Callable[[Sequence[Json]], bytes]] = [
    lambda records: b"\n".join(line(record) for record in records),
    lambda records: line({"cursor": "c", "has_more": True, "items": list(records)}),
    lambda records: b"[" + b", ".join(map(line, records)) + b"]",
]


@given(st.lists(st.tuples(RECORDS, st.sampled_from(PACKINGS))))
def test_every_packing_of_records_holds_the_same_bytes(packed: list[tuple[list[Json], Callable[..., bytes]]]) -> None:
    lines = [each for records, pack in packed for each in [*pack(records).split(b"\n"), b"", b"\r"]]
    found = LogReader().read(lines, "a", 1)
    assert [record.text for record in found] == [line(record) for records, _ in packed for record in records]


def test_a_record_printed_over_several_lines_loses_line_breaks_and_indentation_alone() -> None:
    record = usage(0, name="two  spaces and a \\n stay")
    page = json.dumps({"items": [record]}, indent=2).encode()
    (found,) = LogReader().read([page], "a", 1)
    assert b"\n" not in found.text
    assert b'"action": "reveal","user": {"uuid": "U",' in found.text
    assert json.loads(found.text) == record


@pytest.mark.parametrize("empty", [b"", b" \r", b"[]", b'{"cursor":"c","items":[]}', b'{"cursor":"c","items":null}'])
def test_a_blank_line_and_a_page_without_records_hold_none(empty: bytes) -> None:
    assert LogReader().read([empty], "a", 1) == []


DATADOG = {"id": "x", "type": "log", "attributes": {"timestamp": "2026-01-05T00:00:00Z", "attributes": usage(0)}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (line(DATADOG), f"a:7: found a Datadog log; {LEGAL}"),
        (line({"data": [DATADOG]}), f"a:7: items[0]: found a Datadog log; {LEGAL}"),
        (b'{"hello": "world"}', f"""a:7: found '{{"hello": "world"}}'; {LEGAL}"""),
        (b'{"items": null}', f"""a:7: found '{{"items": null}}'; {LEGAL}"""),
        (b"5", f"a:7: found '5' (Expected `object`, got `int`); {LEGAL}"),
        (b"[5]", f"a:7: items[0]: found '5' (Expected `object`, got `int`); {LEGAL}"),
        (line(usage(0, uuid="short")), "a:7: uuid: found 'short'; legal: 26 characters of base32 (A-Z, 2-7)"),
        (line(usage(0, uuid=None)), "a:7: uuid: found None; legal: 26 characters of base32 (A-Z, 2-7)"),
        (line(usage(0, timestamp=5)), "a:7: timestamp: found 5; legal: text in RFC 3339"),
        (
            line({"items": [usage(0), usage(1, timestamp="now")]}),
            "a:7: items[1]: timestamp: found 'now'; legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z",
        ),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(text: bytes, says: str) -> None:
    with pytest.raises(LogError) as refused:
        LogReader().read([line(usage(0)), text], "a", 6)
    assert str(refused.value) == says


def test_what_is_no_json_is_refused_in_one_line_however_long_it_is() -> None:
    with pytest.raises(LogError, match=r"\Aa:1: found 'x{50}'\.\.\. \(.*\); legal: records of [^\n]*\Z"):
        LogReader().read([b"x" * 10_000], "a", 1)


def test_a_wrong_record_inside_a_printed_page_is_told_by_its_own_line() -> None:
    page = b'{"items": [\n' + line(usage(0)) + b",\n" + line(usage(1, uuid="short")) + b"\n]}"
    with pytest.raises(LogError, match=r"\Aa:12: items\[1\]: uuid: "):
        LogReader().read([page], "a", 10)
    inside_another = b"[\n" + line(usage(0, details={})) + b",\n{}]"
    with pytest.raises(LogError, match=r"\Aa:12: items\[1\]: found '{}'; "):
        LogReader().read([inside_another], "a", 10)


# Which files, and in which order.


def test_a_directory_gives_its_files_at_any_depth_by_name_with_numbers_by_value(tmp_path: Path) -> None:
    for name in ("part-10.json", "part-9.json", "2026/02/x.gz", "2026/01/y.log", ".hidden", ".git/z"):
        write(tmp_path / name, b"{}")
    (tmp_path / "empty").write_bytes(b"")
    names = [str(file.relative_to(tmp_path)) for file in log_files([tmp_path])]
    assert names == ["2026/01/y.log", "2026/02/x.gz", "part-9.json", "part-10.json"]


def test_files_come_in_the_order_in_which_they_are_given(tmp_path: Path) -> None:
    b, a = write(tmp_path / "b", b"{}"), write(tmp_path / "more" / "a", b"{}")
    assert log_files([b, tmp_path / "more"]) == [b, a]
    assert log_files([b, tmp_path / "more", a, b]) == [b, a]


def test_what_holds_no_logs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path, says in (
        (Path("-"), "-: found standard input; legal: files, or a directory of them"),
        (tmp_path / "absent", "found nothing there; legal: a dataset, or 1Password logs, files or a directory of them"),
        (tmp_path / "empty", "found no file with content; legal: a dataset, or a directory of 1Password logs"),
    ):
        with pytest.raises(LogError) as refused:
            log_files([path])
        assert str(refused.value).endswith(says)


# Sorting logs into feeds.


def test_mixed_records_go_to_their_feeds_in_order_with_their_own_bytes(tmp_path: Path, scratch: Path) -> None:
    made = [audit(0), usage(1), sign_in(2), usage(3, "fill"), audit(4), usage(2, "export")]
    sort_logs([write(tmp_path / "mixed", *map(line, made))], scratch)
    assert feed_lines(scratch, "itemusages") == [line(made[1]), line(made[3]), line(made[5])]
    assert feed_lines(scratch, "signinattempts") == [line(made[2])]
    assert feed_lines(scratch, "auditevents") == [line(made[0]), line(made[4])]


def test_files_of_one_feed_follow_each_other_plain_or_gzip(tmp_path: Path, scratch: Path) -> None:
    first, second = tmp_path / "z.gz", write(tmp_path / "a", line(usage(5)), b"", line(usage(6)))
    first.write_bytes(gzip.compress(line(usage(1)) + b"\n" + line(usage(9))))
    sort_logs([first, second], scratch)
    assert feed_lines(scratch, "itemusages") == [line(usage(at)) for at in (1, 9, 5, 6)]


def test_the_period_is_from_the_first_to_the_last_time_of_any_feed(tmp_path: Path, scratch: Path) -> None:
    late = write(tmp_path / "late", line(audit(3 * SECOND)), line(usage(5 * SECOND)))
    early = write(tmp_path / "early", line(sign_in(2 * SECOND)), line(usage(4 * SECOND)))
    found = sort_logs([late, early], scratch).period
    assert (found.start, found.end) == ("2026-01-05T00:00:02Z", "2026-01-05T00:00:05.000000001Z")


def test_files_that_seem_to_be_in_another_order_are_warned_of(tmp_path: Path, scratch: Path) -> None:
    may, june = write(tmp_path / "may", line(usage(0))), write(tmp_path / "june", line(usage(DAY)))
    says = f"{may}: ends before {june} does, which comes before it; records keep the order of the files"
    assert sort_logs([may, june], scratch).warnings == []
    assert sort_logs([june, may], scratch).warnings == [says]


def test_a_file_that_begins_with_a_late_record_and_a_file_of_another_feed_are_in_order(
    tmp_path: Path, scratch: Path
) -> None:
    may = write(tmp_path / "may", line(usage(DAY)))
    june = write(tmp_path / "june", line(usage(0)), line(usage(2 * DAY)))
    signed_in = write(tmp_path / "signed-in", line(sign_in(0)))
    assert sort_logs([may, june, signed_in], scratch).warnings == []


def test_logs_without_any_record_are_refused(tmp_path: Path, scratch: Path) -> None:
    with pytest.raises(LogError, match=rf"found no records; {LEGAL}\Z"):
        sort_logs([write(tmp_path / "a", b"[]")], scratch)
    with pytest.raises(SourceError, match="found an empty file"):
        sort_logs([write(tmp_path / "b", b"")], scratch)


# Injecting.

COMPANY = Company(people=25, days=24, seed=7, start=date(2026, 1, 5), profile=load_profile("startup-50"))
WHEN = Moment(after_history=Duration(7 * DAY))


def played(count: int = 2, **fields: Any) -> Scenario:
    """A sign-in, then twenty reveals."""
    reveals = ItemUsageStep(at=Duration(SECOND), repeat=20, every=Duration(2 * SECOND), action="reveal", item="each")
    usual: dict[str, Any] = {"kind": "attack", "when": WHEN, "steps": (SignInStep(category="success"), reveals)}
    return Scenario(name="x", story="x", count=count, **usual | fields)


SCENARIOS = {"attacks/reveals": played(), "benign/reveals[items=20]": played(kind="benign")}
NOBODY = played(actor=Casting(min_events=10**6))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset in lines."""
    out = tmp_path_factory.mktemp("company") / "company"
    write_company(COMPANY, out, workers=1)
    return out


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, company: Path) -> Path:
    """The dataset with two scenarios."""
    out = tmp_path_factory.mktemp("attacked") / "attacked"
    inject(company, SCENARIOS, 3, out)
    return out


def mixed(company: Path, out: Path) -> Iterator[Path]:
    """One file with the records of all kinds by time."""
    every = [each for feed in FEEDS for each in feed_lines(company, feed)]
    yield write(out / "mixed.ndjson", *sorted(every, key=lambda each: parse_instant(json.loads(each)["timestamp"])))


def zipped(company: Path, out: Path) -> Iterator[Path]:
    """A compressed file of each feed."""
    for feed in reversed(FEEDS):
        write(out / f"{feed}.gz").write_bytes(gzip.compress((company / f"{feed}.ndjson").read_bytes(), 1))
        yield out / f"{feed}.gz"


def paged(company: Path, out: Path) -> Iterator[Path]:
    """A directory of answers of the API, a thousand records each."""
    for feed in FEEDS:
        lines = feed_lines(company, feed)
        for number, first in enumerate(range(0, len(lines), 1000)):
            page = b'{"cursor":"c","has_more":true,"items":[' + b",".join(lines[first : first + 1000]) + b"]}"
            write(out / feed / f"page-{number}.json", page)
    yield out


def tables(_: Path, out: Path) -> Iterator[Path]:
    """The same company in Parquet."""
    write_company(COMPANY, out, workers=1, form="parquet")
    yield out


@pytest.mark.parametrize("kept_as", [mixed, zipped, paged])
def test_logs_stay_byte_for_byte_whatever_they_come_in_and_the_same_is_woven_in(
    kept_as: Callable[[Path, Path], Iterable[Path]], company: Path, attacked: Path, tmp_path: Path
) -> None:
    inject(list(kept_as(company, tmp_path / "logs")), SCENARIOS, 3, tmp_path / "out")
    for name in (*FEEDS, "labels", "incidents"):
        assert feed_lines(tmp_path / "out", name) == feed_lines(attacked, name)


def without_staged(directory: Path, feed: str) -> list[bytes]:
    staged = {label["uuid"] for label in rows(directory, "labels")}
    return [each for each in feed_lines(directory, feed) if json.loads(each)["uuid"] not in staged]


def test_a_dataset_without_its_labelled_records_is_byte_for_byte_the_original(company: Path, attacked: Path) -> None:
    for feed in FEEDS:
        assert without_staged(attacked, feed) == feed_lines(company, feed)
    staged = sum(len(feed_lines(attacked, feed)) - len(feed_lines(company, feed)) for feed in FEEDS)
    assert staged == len(rows(attacked, "labels")) >= 4 * 21
    assert feed_lines(attacked, "causes") == feed_lines(company, "causes")


def test_a_dataset_in_parquet_comes_out_in_lines_equal_in_value(company: Path, tmp_path: Path) -> None:
    inject(next(iter(tables(company, tmp_path / "tables"))), SCENARIOS, 3, tmp_path / "out")
    for feed in FEEDS:
        before = [{name: value for name, value in each.items() if value is not None} for each in rows(company, feed)]
        assert list(map(json.loads, without_staged(tmp_path / "out", feed))) == before
    assert rows(tmp_path / "out", "causes") == rows(company, "causes")
    assert len(rows(tmp_path / "out", "incidents")) == 4
    assert all(name.endswith(".ndjson") for name in manifest(tmp_path / "out")["files"])


def test_nothing_of_a_label_stands_in_a_record(company: Path, attacked: Path) -> None:
    names = [name.encode() for label in rows(attacked, "labels") for name in (label["run"], label["scenario"])]
    for feed in FEEDS:
        text = (attacked / f"{feed}.ndjson").read_bytes()
        assert [name for name in names if name in text] == []
        known = {frozenset(each) for each in rows(company, feed)}
        assert {frozenset(each) for each in rows(attacked, feed)} == known


def test_the_manifest_of_logs_knows_no_company_and_the_time_of_the_records(company: Path, tmp_path: Path) -> None:
    inject(list(zipped(company, tmp_path / "logs")), SCENARIOS, 3, tmp_path / "out")
    found = manifest(tmp_path / "out")
    staged = ["attacks/reveals", "benign/reveals[items=20]"]
    times = [each["timestamp"] for feed in FEEDS for each in rows(company, feed)]
    assert found["seed"] is None
    assert found["parameters"] == {"injected": [{"seed": 3, "scenarios": staged}]}
    assert found["scenarios"] == staged
    assert found["period"]["start"] == min(times)
    assert max(times)[:19] == found["period"]["end"][:19]


def test_who_played_once_plays_no_second_time_in_logs_either(company: Path, tmp_path: Path) -> None:
    inject(list(zipped(company, tmp_path / "logs")), {"attacks/reveals": played(count=5)}, 3, tmp_path / "one")
    again = inject(tmp_path / "one", {"attacks/more": played(count=5)}, 3, tmp_path / "two")
    actors = [each["actor"] for each in rows(tmp_path / "two", "incidents")]
    assert len(set(actors)) == len(actors) == 5 + len(again.incidents) > 5
    assert rows(tmp_path / "two", "labels")[: len(rows(tmp_path / "one", "labels"))] == rows(tmp_path / "one", "labels")
    assert manifest(tmp_path / "two")["seed"] is None
    assert manifest(tmp_path / "two")["scenarios"] == ["attacks/reveals", "attacks/more"]


def test_a_case_is_there_only_once_and_another_case_of_the_scenario_may_join_it(attacked: Path, tmp_path: Path) -> None:
    with pytest.raises(InjectionError) as refused:
        inject(attacked, {"benign/reveals[items=20]": played()}, 4, tmp_path / "out")
    assert str(refused.value) == (
        f"{attacked}: --scenario: found benign/reveals[items=20], which the dataset holds already; legal: another one"
    )
    inject(attacked, {"benign/reveals": played(count=1)}, 4, tmp_path / "out")
    assert manifest(tmp_path / "out")["scenarios"][2:] == ["benign/reveals"]


def test_what_could_not_be_placed_is_said_beside_what_was(company: Path, tmp_path: Path) -> None:
    made = inject(company, {"attacks/reveals": played(count=1), "benign/nobody": NOBODY}, 3, tmp_path / "out")
    ((case, why),) = made.not_placed
    assert (case, len(made.incidents)) == ("benign/nobody", 1)
    assert why.startswith("0 of 2 placed")
    assert manifest(tmp_path / "out")["scenarios"] == ["attacks/reveals"]


def test_where_nothing_can_be_placed_nothing_is_written(company: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingPlaced, match=r"\A--scenario: nothing could be placed; a/b: 0 of 2 [^\n]*\Z") as refused:
        inject(company, {"a/b": NOBODY}, 3, tmp_path / "out")
    assert [case for case, _ in refused.value.not_placed] == ["a/b"]
    several = NothingPlaced([("a/b", "why"), ("a/c", "why"), ("a/d", "why")])
    assert str(pickle.loads(pickle.dumps(several))).endswith("; a/b: why (and 2 more)")
    assert list(tmp_path.iterdir()) == []


def test_people_who_used_no_item_can_play_nothing(tmp_path: Path) -> None:
    logs = write(tmp_path / "logs", line(sign_in(0)), line(audit(DAY)))
    with pytest.raises(NothingPlaced):
        inject(logs, SCENARIOS, 3, tmp_path / "out")


def test_a_dataset_among_several_sources_is_refused(company: Path, tmp_path: Path) -> None:
    logs = write(tmp_path / "logs", line(usage(0)))
    with pytest.raises(OriginalError) as refused:
        inject([logs, company], SCENARIOS, 3, tmp_path / "out")
    says = f"{company}: found a dataset among several; legal: one dataset, or 1Password logs"
    assert str(refused.value) == says


def test_logs_that_cannot_be_read_to_their_end_leave_nothing_behind(tmp_path: Path) -> None:
    logs = write(tmp_path / "logs" / "a", *(line(usage(at)) for at in range(9)), b"{")
    with pytest.raises(LogError, match=rf"\A{logs}:10: found "):
        inject(logs, SCENARIOS, 3, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_directory_in_use_is_told_before_the_logs_are_read(tmp_path: Path) -> None:
    write(tmp_path / "out" / "kept", b"mine")
    with pytest.raises(DatasetError, match="found something there"):
        inject(tmp_path / "absent", SCENARIOS, 3, tmp_path / "out")


def test_the_result_may_lie_among_the_logs(company: Path, attacked: Path, tmp_path: Path) -> None:
    list(zipped(company, tmp_path))
    inject(tmp_path, SCENARIOS, 3, tmp_path / "out")
    assert feed_lines(tmp_path / "out", "itemusages") == feed_lines(attacked, "itemusages")


def test_a_run_names_its_case_and_whether_it_is_the_earlier_incident_of_one() -> None:
    runs = ["attacks/a#1", "attacks/a[pace=1s]#12", "attacks/a[pace=1s]#12~earlier"]
    assert [case_of(run) for run in runs] == ["attacks/a", "attacks/a[pace=1s]", "attacks/a[pace=1s]"]
    assert [is_earlier(run) for run in runs] == [False, False, True]


# The command.

Command = Callable[..., tuple[int, bytes, list[str]]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """The command in this process, in a directory of its own: exit code, standard output, lines of standard error."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, bytes, list[str]]:
        monkeypatch.setattr(sys, "argv", ["vaultdrill", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfdbinary.readouterr()
        return int(end.value.code or 0), out, err.decode().splitlines()

    return ran


PLAYABLE = """
name: Reveals
kind: attack
story: Somebody reveals items.
count: {count}
actor: {{min_events: {least}}}
when: {{after_history: 7d}}
steps:
  - {{feed: itemusages, action: reveal, repeat: 20, every: 2s, item: each}}
"""


@pytest.fixture
def playable(tmp_path: Path) -> Path:
    """Two scenario files: one that can be played, and one that nobody can play."""
    for name, count, least in (("reveals", 2, 1), ("nobody", 1, 10**6)):
        write(tmp_path / "mine" / f"{name}.yaml", PLAYABLE.format(count=count, least=least).encode())
    return tmp_path / "mine"


def test_logs_are_injected_into_detected_on_and_scored(command: Command, company: Path, playable: Path) -> None:
    logs = [option for path in zipped(company, Path("logs")) for option in ("--into", path)]
    code, out, err = command("inject", *logs, "--scenario", playable / "reveals.yaml", "--seed", 3, "--out", "out")
    assert (code, out, err) == (0, b"", ["mine/reveals: 2 incidents"])
    assert command("detect", "out", "--out", "signals")[0] == 0
    code, out, _ = command("score", "--signals", "signals", "--dataset", "out", "--format", "json")
    assert code == 0
    assert {each["scenario"] for each in json.loads(out)["incidents"]} == {"mine/reveals"}


def test_what_was_not_placed_is_warned_of(command: Command, company: Path, playable: Path) -> None:
    code, out, err = command("inject", "--into", company, "--scenario", playable, "--out", "out")
    assert (code, out) == (0, b"")
    assert err[0] == "mine/reveals: 2 incidents"
    assert err[1].startswith("warning: mine/nobody: 0 of 1 placed; ")
    assert len(err) == 2


def test_nothing_placed_is_one_line_and_exit_code_2(command: Command, company: Path, playable: Path) -> None:
    code, out, err = command("inject", "--into", company, "--scenario", playable / "nobody.yaml", "--out", "out")
    assert (code, out, len(err)) == (2, b"", 1)
    assert err[0].startswith("vaultdrill: --scenario: nothing could be placed; mine/nobody: 0 of 1 placed; ")
    assert not Path("out").exists()


def test_logs_in_another_order_are_warned_of_by_the_command(command: Command, playable: Path) -> None:
    days = [[line(usage(day * DAY + n * SECOND, by=by)) for n in range(9) for by in (ADA, BOB)] for day in range(30)]
    new = write(Path("new"), *(each for day in days[15:] for each in day))
    old = write(Path("old"), *(each for day in days[:15] for each in day))
    _, _, err = command("inject", "--into", new, "--into", old, "--scenario", playable / "reveals.yaml", "--out", "out")
    assert "warning: old: ends before new does, which comes before it; records keep the order of the files" in err


def test_an_earlier_incident_belongs_to_its_run_and_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    incidents: Any = [SimpleNamespace(run=run) for run in ("a/b#1", "a/b#1~earlier", "a/b#2", "a/c[n=1]#1")]
    report(Injected(incidents, [("a/c[n=1]", "why")], ["look"]))
    told = ["a/b: 2 incidents", "a/c[n=1]: 1 incident", "warning: look", "warning: a/c[n=1]: why"]
    assert capsys.readouterr().err.splitlines() == told


def test_a_disk_that_is_full_of_logs_is_told_of_the_result(company: Path, playable: Path, tmp_path: Path) -> None:
    inject_them = f"{sys.executable} -m harness inject --into {company}/itemusages.ndjson --scenario {playable}"
    ran = subprocess.run(
        ["bash", "-c", f"ulimit -f 100; {inject_them} --out out"],
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (2, b"vaultdrill: out: File too large\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_datadog_logs_are_refused_in_one_line(command: Command, playable: Path) -> None:
    write(Path("logs"), line(DATADOG))
    code, _, err = command("inject", "--into", "logs", "--scenario", playable, "--out", "out")
    assert (code, err) == (2, [f"vaultdrill: logs:1: found a Datadog log; {LEGAL}"])


def test_staged_identifiers_are_none_of_the_originals(company: Path, attacked: Path) -> None:
    staged = [label["uuid"] for label in rows(attacked, "labels")]
    before = {each["uuid"] for feed in FEEDS for each in rows(company, feed)}
    assert before.isdisjoint(staged)
    assert len(set(staged)) == len(staged)

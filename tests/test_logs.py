"""Logs of 1Password records: whatever they come in, they are sorted into feeds byte for byte."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from builders import audit, sign_in, usage
from datasets import DATADOG, DAY, LEGAL, feed_lines, line, write
from hypothesis import given
from hypothesis import strategies as st
from naive_records import SECOND, Json

from detector.source import SourceError
from harness.log_files import log_files
from harness.log_record import LogError, LogReader
from harness.logs import sort_logs
from simulator.records import FEEDS

ONE_OF_EACH = {"itemusages": usage(0), "signinattempts": sign_in(1), "auditevents": audit(2)}


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

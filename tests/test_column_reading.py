"""Rows for several rules at once are what each rule's own events are, whatever the records are packed in."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import pyarrow as pa
import pytest
from builders import line, new_value_rule, sign_in, usage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_records import SECOND, Json
from pyarrow import parquet
from streams import rules, streams

from detector import source
from detector.bulk import parquet as bulk_parquet
from detector.bulk import tape
from detector.bulk.reading import ColumnReader
from detector.columnar.rows import Rows
from detector.dataset import FEEDS
from detector.event import Event
from detector.reading import Reader
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.source import SourceError

Seen: TypeAlias = tuple[int, str | None, tuple[str | None, ...], str]


def parsed(document: Json) -> NewValueRule:
    return parse_rule(json.dumps(document), "rule")


ANYTHING = parsed(new_value_rule())
FILLS = parsed(new_value_rule(query="@evt.name:fill"))
SIGN_INS = parsed(new_value_rule(query="@evt.type:1password-signin-attempts"))
TEXTS = parsed(new_value_rule(query="reveal"))


def ndjson(records: Iterable[Json]) -> bytes:
    return b"".join(line(record) + b"\n" for record in records)


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def dataset(folder: Path, feeds: Sequence[list[Json]]) -> str:
    folder.mkdir()
    files = {}
    for name, records in zip(FEEDS, feeds, strict=True):
        written(folder / f"{name}.ndjson", ndjson(records))
        files[f"{name}.ndjson"] = {"records": len(records)}
    manifest = {"format": "vaultdrill/dataset", "version": 1, "files": files}
    written(folder / "manifest.json", json.dumps(manifest).encode())
    return str(folder)


def flat(records: Sequence[Json], path: Path) -> str:
    """A Parquet file of item usages."""
    columns: dict[str, Any] = {
        name: [record[name] for record in records]
        for name in ("uuid", "timestamp", "item_uuid", "vault_uuid", "action")
    }
    columns["user.email"] = [record["user"]["email"] for record in records]
    parquet.write_table(pa.table(columns), path)
    return str(path)


class Alone:
    """What one rule sees of sources by its own reader: the definition."""

    def __init__(self, rule: NewValueRule, names: Sequence[str], order: str = "batches") -> None:
        self.complaints: list[str] = []
        selector = Selector(rule)
        batches = getattr(Reader(selector, self.complaints.append), order)(names)
        self.seen: list[Seen] = [shown(event) for events in batches for event in events]
        self.counts = selector.read, selector.ignored


class Together:
    """What several rules see of them by columns."""

    def __init__(self, rules: Sequence[NewValueRule], names: Sequence[str], order: str = "batches") -> None:
        self.complaints: list[str] = []
        self.reader = ColumnReader(rules, self.complaints.append)
        self.seen: list[list[Seen]] = [[] for _ in rules]
        self.sizes = []
        for batch in getattr(self.reader, order)(names):
            assert len(batch) == len(rules)
            self.sizes.append(max(len(rows.t) for rows in batch))
            for number, rows in enumerate(batch):
                self.seen[number] += self._shown(number, rows)

    def _shown(self, number: int, rows: Rows) -> list[Seen]:
        """The rows that are seen; codes and events must say the same."""
        found = []
        coding = self.reader.codings[number]
        for row in rows.group.nonzero()[0].tolist():
            event = rows.event(row)
            codes = rows.values[row : row + 1].ravel()
            values = tuple(coding.values.keys_of[code] for code in codes if code)
            found.append((int(rows.t[row]), coding.groups.keys_of[rows.group[row]], values, event.uuid))
            assert shown(event) == found[-1]
        return found


def shown(event: Event) -> Seen:
    return event.timestamp, event.group, event.values, event.uuid


def assert_each_as_alone(rules: Sequence[NewValueRule], names: Sequence[str], order: str = "batches") -> Together:
    together = Together(rules, names, order)
    complaints = []
    for number, rule in enumerate(rules):
        alone = Alone(rule, names, order)
        assert together.seen[number] == alone.seen
        assert (together.reader.read(number), together.reader.ignored(number)) == alone.counts
        complaints += alone.complaints
    assert sorted(together.complaints) == sorted(set(complaints))
    return together


USAGES = [usage(second * SECOND, action) for second, action in enumerate(["reveal", "fill", "reveal", "copy", "fill"])]


def test_every_rule_sees_its_own_of_one_reading(tmp_path: Path) -> None:
    together = Together([ANYTHING, FILLS], [written(tmp_path / "a", ndjson(USAGES))])
    assert [uuid for *_, uuid in together.seen[0]] == [record["uuid"] for record in USAGES]
    assert [uuid for *_, uuid in together.seen[1]] == [USAGES[1]["uuid"], USAGES[4]["uuid"]]
    assert (together.reader.read(1), together.reader.ignored(1)) == (5, {"does not match the query": 3})


@pytest.mark.parametrize("order", ["batches", "sorted"])
def test_sources_of_all_forms_are_read_as_the_scalar_reader_reads_them(tmp_path: Path, order: str) -> None:
    page = json.dumps({"cursor": "c", "items": USAGES}, indent=1).encode()
    names = [
        written(tmp_path / "plain", ndjson(USAGES)),
        written(tmp_path / "packed.gz", gzip.compress(ndjson(USAGES))),
        flat(USAGES, tmp_path / "flat.parquet"),
        written(tmp_path / "page", page),
        written(tmp_path / "byte-order-mark", b"\xef\xbb\xbf" + ndjson(USAGES)),
        dataset(tmp_path / "dataset", [USAGES, [sign_in(2 * SECOND)], []]),
    ]
    together = assert_each_as_alone([ANYTHING, FILLS, SIGN_INS], names, order)
    assert len(together.seen[0]) == 6 * len(USAGES) + 1


def test_files_of_ordinary_records_are_read_by_columns(tmp_path: Path) -> None:
    names = [written(tmp_path / "plain", ndjson(USAGES)), flat(USAGES, tmp_path / "flat.parquet")]
    with patch("detector.bulk.sight.Lines.events", side_effect=AssertionError):
        assert [len(seen) for seen in Together([ANYTHING, FILLS], names).seen] == [10, 4]


def test_a_rule_that_searches_texts_is_shown_the_texts(tmp_path: Path) -> None:
    names = [written(tmp_path / "plain", ndjson(USAGES)), flat(USAGES, tmp_path / "flat.parquet")]
    assert [len(seen) for seen in assert_each_as_alone([TEXTS, ANYTHING], names).seen] == [4, 10]


def test_what_no_rule_can_read_is_complained_of_once(tmp_path: Path) -> None:
    page = json.dumps({"items": [USAGES[2], {"uuid": 1}, USAGES[3]]}).encode()
    name = written(tmp_path / "a", ndjson(USAGES[:1]) + b"?\n\n" + page + b"\n" + ndjson(USAGES[1:2]))
    together = assert_each_as_alone([ANYTHING, FILLS, ANYTHING], [name])
    assert [complaint.partition(": ")[0] for complaint in together.complaints] == [f"{name}:2", f"{name}:4"]


def test_what_only_some_rules_can_read_is_seen_by_them_and_complained_of_for_the_others(tmp_path: Path) -> None:
    other = parsed(new_value_rule(metrics=("@x",)))
    bad = line({**USAGES[1], "x": "?"}).replace(b'"?"', b'"\xff"')
    name = written(tmp_path / "a", ndjson(USAGES[:1]) + bad + b"\n")
    for some in ([ANYTHING, other, other], [other, ANYTHING]):
        together = assert_each_as_alone(some, [name])
        assert len(together.complaints) == 1
    assert len(together.seen[1]) == 2


def test_a_page_that_only_some_rules_can_read_is_complained_of_for_the_others(tmp_path: Path) -> None:
    other = parsed(new_value_rule(metrics=("@x",)))
    page = b'{"items": [%s], "x": "\xff"}\n' % line(USAGES[1])
    name = written(tmp_path / "a", ndjson(USAGES[:1]) + page)
    together = assert_each_as_alone([ANYTHING, other, other], [name])
    assert (len(together.seen[0]), len(together.complaints)) == (2, 1)


def test_without_a_complaint_of_the_callers_the_first_unreadable_record_ends_the_reading(tmp_path: Path) -> None:
    name = written(tmp_path / "a", ndjson(USAGES) + b"?\n")
    with pytest.raises(SourceError, match=f"^{name}:6: found '\\?'"):
        list(ColumnReader([ANYTHING]).batches([name]))


@pytest.mark.parametrize("name", ["nothing", "empty", "folder"])
def test_a_source_that_cannot_be_read_is_refused_in_the_same_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    refusals = []
    for read in (ColumnReader([ANYTHING]).batches, Reader(Selector(ANYTHING)).batches, ColumnReader([FILLS]).sorted):
        with pytest.raises(SourceError) as refused:
            list(read([str(tmp_path / name)]))
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1


@pytest.mark.parametrize("kept", [0, 1, 4])
@pytest.mark.parametrize("chunk_bytes", [1, 700, 1 << 18])
def test_rules_that_see_different_feeds_are_merged_each_on_its_own(tmp_path: Path, kept: int, chunk_bytes: int) -> None:
    late = [usage(second * SECOND, "fill") for second in (1, 9, 2, 10, 3, 20)]
    feeds = [late, [sign_in(second * SECOND) for second in (8, 9, 9, 2, 30)], [usage(9 * SECOND, "export")]]
    name = dataset(tmp_path / "dataset", [[usage(0, "?", x=[])], *feeds[1:]])
    written(tmp_path / "dataset" / "itemusages.ndjson", b"\n" + ndjson(late))
    with patch.object(tape, "KEPT", kept), patch.object(source, "_CHUNK_BYTES", chunk_bytes):
        assert_each_as_alone([ANYTHING, FILLS, SIGN_INS, TEXTS], [name])
        assert_each_as_alone([SIGN_INS, FILLS, ANYTHING], [name])


def test_a_feed_is_read_once_for_rules_that_keep_pace(tmp_path: Path) -> None:
    many = [usage(second * SECOND, action) for second in range(200) for action in ("fill", "reveal")]
    name = dataset(tmp_path / "dataset", [many, [sign_in(SECOND)], []])
    read = ColumnReader._read
    opened = []

    def watched(self: ColumnReader, name: str, asked: Any) -> Any:
        opened.append(Path(name).stem)
        return read(self, name, asked)

    with patch.object(ColumnReader, "_read", watched), patch.object(source, "_CHUNK_BYTES", 700):
        assert [len(seen) for seen in Together([ANYTHING, FILLS, TEXTS], [name]).seen] == [401, 200, 200]
    assert sorted(opened) == ["itemusages", "signinattempts"]


@st.composite
def sources(draw: st.DrawFn, stream: list[Json]) -> tuple[str, Any]:
    """Some of a stream as a file of some form, or a dataset."""
    some = st.lists(st.sampled_from(stream), min_size=1, max_size=8)
    form = draw(st.sampled_from(["plain", "packed", "pages", "broken", "flat", "dataset", "dataset"]))
    if form == "dataset":
        return form, [draw(some), draw(some), draw(some)]
    if form == "flat":
        return form, [usage(at * SECOND, action) for at in range(4) for action in draw(st.sampled_from(["ab", "ba"]))]
    return form, draw(some)


def packed(form: str, records: Any, path: Path) -> str:
    if form == "dataset":
        return dataset(path, records)
    if form == "flat":
        return flat(records, path)
    data = ndjson(records)
    if form == "pages":
        data = json.dumps({"cursor": "c", "items": records}).encode() + b"\n" + json.dumps(records).encode()
    if form == "broken":
        data = data + b'{"uuid":\n' + json.dumps([records[0], {"items": []}]).encode() + b"\n\n" + data
    return written(path, gzip.compress(data) if form == "packed" else data)


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data(), chunk_bytes=st.sampled_from([1, 400, 1 << 18]), kept=st.sampled_from([0, 1, 4]))
def test_any_rules_see_of_any_sources_what_each_sees_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, chunk_bytes: int, kept: int
) -> None:
    documents = data.draw(st.lists(rules(), min_size=1, max_size=3))
    stream = data.draw(streams(documents[0]))
    drawn = data.draw(st.lists(sources(stream), min_size=1, max_size=3))
    folder = tmp_path_factory.mktemp("sources")
    names = [packed(*source, folder / str(number)) for number, source in enumerate(drawn)]
    order = data.draw(st.sampled_from(["batches", "sorted"]))
    with (
        patch.object(source, "_CHUNK_BYTES", chunk_bytes),
        patch.object(tape, "KEPT", kept),
        patch.object(bulk_parquet, "BATCH", max(1, chunk_bytes // 100)),
    ):
        assert_each_as_alone([parsed(document) for document in documents], names, order)

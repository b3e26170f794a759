"""The contract that every baseline store keeps, and how a store that cannot be used is refused."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TypeAlias

import msgspec
import pytest
from builders import ADA, START, line, new_value_rule, usage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detector.event import Event
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.stores.base import Baseline, BaselineStore, StoreError, from_blob, to_blob
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore
from detector.stores.sqlite_file import APPLICATION_ID, SCHEMA_VERSION
from detector.stores.urls import open_store
from detector.streaming import StreamingEngine

Blobs: TypeAlias = dict[bytes, bytes]
NIL = msgspec.msgpack.encode(None)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaselineStore]:
    opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


# The contract


def test_a_fresh_store_holds_nothing(store: BaselineStore) -> None:
    assert (store.read([b"g"]), store.checkpoint(), list(store.scan())) == ([None], None, [])


def test_blobs_are_read_in_the_order_asked_for_also_twice_and_not_at_all(store: BaselineStore) -> None:
    store.commit({b"a": b"1", b"b": b"2"}, (), b"c")
    assert store.read([b"b", b"none", b"a", b"b"]) == [b"2", None, b"1", b"2"]
    assert store.read([]) == []


def test_a_later_commit_replaces_what_it_puts_and_nothing_else(store: BaselineStore) -> None:
    store.commit({b"a": b"1", b"b": b"2"}, (), b"first")
    store.commit({b"b": b"3"}, (), b"second")
    assert (list(store.scan()), store.checkpoint()) == ([(b"a", b"1"), (b"b", b"3")], b"second")


def test_deletes_remove_groups_and_pass_over_those_that_are_not_there(store: BaselineStore) -> None:
    store.commit({b"a": b"1", b"b": b"2"}, (), b"first")
    store.commit({}, [b"a", b"none"], b"second")
    assert list(store.scan()) == [(b"b", b"2")]


def test_a_commit_of_nothing_moves_the_checkpoint(store: BaselineStore) -> None:
    store.commit({}, (), b"here")
    assert (store.checkpoint(), list(store.scan())) == (b"here", [])


def test_groups_and_blobs_are_any_bytes(store: BaselineStore) -> None:
    store.commit({b"": b"", b"\0": b"\0\xff", "é".encode(): b"'"}, (), b"")
    assert store.read([b"", b"\0", "é".encode()]) == [b"", b"\0\xff", b"'"]
    assert store.checkpoint() == b""


def test_scan_is_in_the_order_of_the_groups_bytes(store: BaselineStore) -> None:
    groups = [b"b", b"\xff", b"a\0", b"", b"B", b"a", b"aa", b"\0"]
    store.commit(dict.fromkeys(groups, b"x"), (), b"c")
    assert [group for group, _ in store.scan()] == sorted(groups)


def test_more_groups_than_one_query_holds_are_read_in_order(store: BaselineStore) -> None:
    blobs = {b"%d" % number: b"v%d" % number for number in range(1201)}
    store.commit(blobs, (), b"c")
    asked = [*reversed(blobs), b"none"]
    assert store.read(asked) == [*reversed(blobs.values()), None]


def test_a_run_that_ends_well_keeps_its_commits_and_sees_them_before(store: BaselineStore) -> None:
    with store.run():
        store.commit({b"a": b"1"}, (), b"first")
        assert store.read([b"a"]) == [b"1"]
        store.commit({b"a": b"2"}, (), b"second")
    assert (store.read([b"a"]), store.checkpoint()) == ([b"2"], b"second")


def fail_within_a_run(store: BaselineStore, failure: type[BaseException]) -> None:
    with store.run():
        store.commit({b"a": b"2", b"b": b"3"}, (), b"within")
        store.commit({}, [b"a"], b"later")
        raise failure


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_a_run_that_fails_leaves_the_store_as_it_was_and_usable(
    store: BaselineStore, failure: type[BaseException]
) -> None:
    store.commit({b"a": b"1"}, (), b"before")
    with pytest.raises(failure):
        fail_within_a_run(store, failure)
    assert (list(store.scan()), store.checkpoint()) == ([(b"a", b"1")], b"before")
    store.commit({b"c": b"4"}, (), b"after")
    assert store.read([b"c"]) == [b"4"]


def test_a_first_run_that_fails_leaves_no_checkpoint(store: BaselineStore) -> None:
    with pytest.raises(RuntimeError):
        fail_within_a_run(store, RuntimeError)
    assert (store.read([b"a"]), store.checkpoint()) == ([None], None)


def test_a_store_says_what_survives_it(store: BaselineStore) -> None:
    assert store.durability


groups = st.sampled_from([b"", b"a", b"b", b"\0", b"\xff", b"a\0"])
blobs = st.binary(max_size=4)


class SideBySide(RuleBasedStateMachine):
    """Memory and SQLite, driven alike, never differ; SQLite may be closed and opened again at any time."""

    @initialize()
    def open_both(self) -> None:
        self.folder = Path(mkdtemp())
        self.memory = MemoryStore()
        self.sqlite = SqliteStore(self.folder / "state.db")

    @rule(puts=st.dictionaries(groups, blobs, max_size=3), deletes=st.sets(groups, max_size=2), checkpoint=blobs)
    def commit(self, puts: Blobs, deletes: set[bytes], checkpoint: bytes) -> None:
        for one in (self.memory, self.sqlite):
            one.commit(puts, deletes - puts.keys(), checkpoint)

    @rule(first=st.dictionaries(groups, blobs), second=st.dictionaries(groups, blobs), ends_well=st.booleans())
    def run_two_commits(self, first: Blobs, second: Blobs, *, ends_well: bool) -> None:
        for one in (self.memory, self.sqlite):
            with suppress(RuntimeError), one.run():
                one.commit(first, (), b"first")
                one.commit(second, first.keys() - second.keys(), b"second")
                if not ends_well:
                    raise RuntimeError

    @rule()
    def reopen(self) -> None:
        self.sqlite.close()
        self.sqlite = SqliteStore(self.folder / "state.db")

    @rule(asked=st.lists(groups))
    def read(self, asked: list[bytes]) -> None:
        assert self.sqlite.read(asked) == self.memory.read(asked)

    @precondition(lambda self: hasattr(self, "memory"))
    @invariant()
    def hold_the_same(self) -> None:
        assert list(self.sqlite.scan()) == list(self.memory.scan())
        assert self.sqlite.checkpoint() == self.memory.checkpoint()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.sqlite.close()
            rmtree(self.folder)


class TestSideBySide(SideBySide.TestCase):  # type: ignore[misc, valid-type]  # made at run time, unseen by mypy
    settings = settings(max_examples=30, stateful_step_count=15)


# SQLite: one writer, and files that are not ours


def refused(open_it: Callable[[], object], *words: str) -> None:
    """The refusal is one line with those words in it."""
    with pytest.raises(StoreError) as refusal:
        open_it()
    text = str(refusal.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_a_commit_outlives_its_store(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({b"a": b"1"}, (), b"c")
    with closing(SqliteStore(path)) as store:
        assert (list(store.scan()), store.checkpoint()) == ([(b"a", b"1")], b"c")


def test_a_second_writer_is_refused_while_a_run_lasts_and_welcome_after(path: Path) -> None:
    with closing(SqliteStore(path)) as first, closing(SqliteStore(path)) as second:
        with first.run():
            first.commit({b"a": b"1"}, (), b"c")
            refused(lambda: second.commit({b"a": b"2"}, (), b"d"), str(path), "one writer at a time")
        assert second.read([b"a"]) == [b"1"]
        second.commit({b"a": b"2"}, (), b"d")
        assert first.read([b"a"]) == [b"2"]


def test_a_store_that_is_being_written_can_be_opened_and_read_as_it_was(path: Path) -> None:
    with closing(SqliteStore(path)) as first:
        first.commit({b"a": b"1"}, (), b"c")
        with first.run():
            first.commit({b"a": b"2"}, (), b"d")
            with closing(SqliteStore(path)) as second:
                assert second.read([b"a"]) == [b"1"]


def test_a_new_file_goes_again_if_its_only_run_fails(path: Path) -> None:
    with closing(SqliteStore(path)) as store, suppress(KeyError), store.run():
        store.commit({b"a": b"1"}, (), b"c")
        raise KeyError
    assert list(path.parent.iterdir()) == []


def test_a_new_file_stays_if_its_run_ends_well_also_without_any_group(path: Path) -> None:
    with closing(SqliteStore(path)) as store, store.run():
        store.commit({}, (), b"c")
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_was_there_stays_whatever_becomes_of_the_run(path: Path) -> None:
    path.touch()
    with closing(SqliteStore(path)) as store, pytest.raises(KeyError), store.run():
        raise KeyError
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_that_somebody_else_has_open_is_left_to_them(path: Path) -> None:
    with closing(SqliteStore(path)) as first:
        second = SqliteStore(path)
    first.close()
    second.commit({b"a": b"1"}, (), b"c")
    second.close()
    with closing(SqliteStore(path)) as store:
        assert store.read([b"a"]) == [b"1"]


def test_a_new_file_to_which_somebody_else_has_committed_stays(path: Path) -> None:
    with closing(SqliteStore(path)), closing(SqliteStore(path)) as second:
        second.commit({b"a": b"1"}, (), b"c")
    assert list(path.parent.iterdir()) == [path]


def test_a_database_of_another_application_is_refused_and_left_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE baseline (grp, blob)")
    before = path.read_bytes()
    refused(lambda: SqliteStore(path), str(path), "another application")
    assert path.read_bytes() == before


def test_a_store_of_a_newer_version_is_refused_and_left_untouched(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({}, (), b"c")
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    refused(lambda: SqliteStore(path), str(path), f"found a store of version {SCHEMA_VERSION + 1}", "legal: ")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, but text that is long enough " * 40, b"short"])
def test_a_file_that_is_no_database_is_refused_and_left_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(lambda: SqliteStore(path), str(path))
    assert path.read_bytes() == content


def test_a_folder_and_a_path_into_nowhere_are_refused(tmp_path: Path) -> None:
    refused(lambda: SqliteStore(tmp_path), str(tmp_path))
    refused(lambda: SqliteStore(tmp_path / "nowhere" / "state.db"), "nowhere")


def test_an_empty_file_becomes_a_store_that_bears_our_mark(path: Path) -> None:
    path.touch()
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


@pytest.mark.parametrize("url", ["{}", "sqlite:///{}"])
def test_a_path_or_its_url_opens_the_same_store(path: Path, url: str) -> None:
    with closing(open_store(url.format(path))) as store:
        store.commit({b"a": b"1"}, (), b"c")
    with closing(SqliteStore(path)) as store:
        assert store.read([b"a"]) == [b"1"]


def test_an_unknown_scheme_is_refused_without_repeating_its_secrets() -> None:
    with pytest.raises(StoreError, match="legal: ") as refusal:
        open_store("mystery://user:secret@host/state")
    assert "secret" not in str(refusal.value)


# What the engine finds in a store


def parsed(forget: int = 28) -> NewValueRule:
    document = new_value_rule(new_value={"learningMethod": "threshold"}, keep_alive=3600, forget=forget)
    return parse_rule(line(document).decode(), "rule")


def event() -> Event:
    found = Selector(parsed()).select(line(usage(0)))
    assert found is not None
    return found


def refusal_of(blob: bytes) -> str:
    """Why the blob is refused; nothing where it is a baseline."""
    try:
        from_blob(blob)
    except StoreError as refusal:
        return str(refusal)
    return ""


times = st.integers(-(2**63), 2**63 - 1)


@given(times, st.dictionaries(st.text(max_size=5), times, max_size=4))
def test_a_baseline_survives_as_a_blob(first_seen: int, last_seen: dict[str, int]) -> None:
    back = from_blob(to_blob(Baseline(first_seen, last_seen, NIL)))
    assert (back.first_seen, back.last_seen, back.signal) == (first_seen, last_seen, NIL)


@given(st.binary(max_size=30))
def test_any_other_bytes_are_refused_in_one_line(blob: bytes) -> None:
    assert "\n" not in refusal_of(blob)


def test_a_blob_with_any_byte_damaged_is_refused_in_one_line_or_still_a_baseline() -> None:
    whole = to_blob(Baseline(START, {"fill": START}, NIL))
    for place in range(len(whole)):
        for byte in range(256):
            damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
            assert "\n" not in refusal_of(damaged), damaged


def test_a_baseline_of_a_newer_version_is_refused() -> None:
    refused(lambda: from_blob(msgspec.msgpack.encode((2, START, {}, None))), "version 2", "legal: 1")


@pytest.mark.parametrize("blob", [b"", b"junk", to_blob(Baseline(START, {"fill": START}, NIL))[:-3]])
def test_a_damaged_group_stops_the_run_with_one_line_and_is_left_as_it_was(store: BaselineStore, blob: bytes) -> None:
    StreamingEngine(parsed(), store).commit()
    checkpoint = store.checkpoint() or b""
    store.commit({ADA.encode(): blob}, (), checkpoint)
    refused(lambda: StreamingEngine(parsed(), store).feed([event()]), "cannot be read")
    assert (store.read([ADA.encode()]), store.checkpoint()) == ([blob], checkpoint)


@pytest.mark.parametrize("signal", ["junk", 7, {"id": 1}, []])
def test_a_damaged_open_signal_stops_the_run_with_one_line(store: BaselineStore, signal: object) -> None:
    StreamingEngine(parsed(), store).commit()
    blob = to_blob(Baseline(START, {}, msgspec.msgpack.encode(signal)))
    store.commit({ADA.encode(): blob}, (), store.checkpoint() or b"")
    refused(lambda: StreamingEngine(parsed(), store).feed([event()]))


@pytest.mark.parametrize(
    "checkpoint",
    [b"", b"junk", b"\xff", msgspec.msgpack.encode([1]), b"\x82\xa7version\x01\xa4rule\x81\xa1\xfe\x01"],
)
def test_a_damaged_checkpoint_is_refused_in_one_line_and_left_as_it_was(
    store: BaselineStore, checkpoint: bytes
) -> None:
    store.commit({}, (), checkpoint)
    refused(lambda: StreamingEngine(parsed(), store), "checkpoint")
    assert store.checkpoint() == checkpoint


def test_a_checkpoint_of_a_newer_version_is_refused(store: BaselineStore) -> None:
    store.commit({}, (), msgspec.msgpack.encode({"version": 2, "rule": {}}))
    refused(lambda: StreamingEngine(parsed(), store), "version 2", "legal: 1")


def test_a_store_of_another_rule_is_refused_by_the_field_that_differs_and_left_untouched(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        StreamingEngine(parsed(forget=7), store).feed([event()])
    before = path.read_bytes()
    with closing(SqliteStore(path)) as store:
        refused(lambda: StreamingEngine(parsed(forget=8), store), "forget_after_days", "found 8", "legal: 7")
    assert path.read_bytes() == before


@pytest.mark.parametrize(("stored", "given_now"), [(None, START), (START, None), (START, START + 1)])
def test_a_store_of_another_moment_of_enabling_is_refused(
    store: BaselineStore, stored: int | None, given_now: int | None
) -> None:
    StreamingEngine(parsed(), store, stored).feed([event()])
    refused(lambda: StreamingEngine(parsed(), store, given_now), "enabled_at")


def test_the_same_rule_goes_on_where_it_left_off(store: BaselineStore) -> None:
    first = StreamingEngine(parsed(), store).feed([event()])
    again = StreamingEngine(parsed(), store).feed([event()])
    assert (len(first), again) == (1, [])


def test_a_run_holds_the_write_lock_from_its_first_moment_on(tmp_path: Path) -> None:
    """Before it has read or written anything: what it then reads cannot change behind its back."""
    first, second = SqliteStore(tmp_path / "s.db"), SqliteStore(tmp_path / "s.db")
    with first.run(), pytest.raises(StoreError, match="another run is writing"), second.run():
        pass
    first.close()
    second.close()

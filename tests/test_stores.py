"""What the engine keeps in a store: blobs and checkpoints, and how it refuses those that it cannot read."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from builders import ADA, START, line, new_value_rule, usage
from hypothesis import given
from hypothesis import strategies as st

from detector.clock import CHECKPOINT_VERSION
from detector.event import Event
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.stores.base import BaselineStore, StoreError
from detector.stores.blob import BLOB_VERSION, Baseline, from_blob, to_blob
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore
from detector.streaming import StreamingEngine

NIL = msgspec.msgpack.encode(None)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaselineStore]:
    opened = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def refused(open_it: Callable[[], object], *words: str) -> None:
    """The refusal is one line with those words in it."""
    with pytest.raises(StoreError) as refusal:
        open_it()
    text = str(refusal.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


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


@given(times, st.dictionaries(st.text(max_size=5), times, max_size=4), st.none() | st.binary(), times, times)
def test_a_baseline_survives_as_a_blob(
    first_seen: int, last_seen: dict[str, int], signal: bytes | None, run: int, place: int
) -> None:
    back = from_blob(to_blob(Baseline(first_seen, last_seen, signal, run, place)))
    assert (back.first_seen, back.last_seen, back.signal) == (first_seen, last_seen, signal)
    assert (back.run, back.place) == (run, place)


@given(st.binary(max_size=30))
def test_any_other_bytes_are_refused_in_one_line(blob: bytes) -> None:
    assert "\n" not in refusal_of(blob)


def test_a_blob_with_any_byte_damaged_is_refused_in_one_line_or_still_a_baseline() -> None:
    whole = to_blob(Baseline(START, {"fill": START}, NIL))
    for place in range(len(whole)):
        for byte in range(256):
            damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
            assert "\n" not in refusal_of(damaged), damaged


@pytest.mark.parametrize("told", [(START, {}, None), (START, {}, None, 0, 0), (START, {}, None, 0, 0, "more")])
@pytest.mark.parametrize("version", [BLOB_VERSION - 1, BLOB_VERSION + 1])
def test_a_baseline_of_another_version_is_refused_whatever_it_holds(version: int, told: tuple[object, ...]) -> None:
    blob = msgspec.msgpack.encode((version, *told))
    refused(lambda: from_blob(blob), f"version {version}", f"legal: {BLOB_VERSION}")


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
    [b"", b"junk", b"\xff", msgspec.msgpack.encode([1]), b"\x82\xa7version\x02\xa4rule\x81\xa1\xfe\x01"],
)
def test_a_damaged_checkpoint_is_refused_in_one_line_and_left_as_it_was(
    store: BaselineStore, checkpoint: bytes
) -> None:
    store.commit({}, (), checkpoint)
    refused(lambda: StreamingEngine(parsed(), store), "checkpoint")
    assert store.checkpoint() == checkpoint


@pytest.mark.parametrize("version", [CHECKPOINT_VERSION - 1, CHECKPOINT_VERSION + 1])
def test_a_checkpoint_of_another_version_is_refused(store: BaselineStore, version: int) -> None:
    store.commit({}, (), msgspec.msgpack.encode({"version": version, "rule": {}}))
    refused(lambda: StreamingEngine(parsed(), store), f"version {version}", f"legal: {CHECKPOINT_VERSION}")


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

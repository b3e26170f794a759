"""Lines put together of pieces are, byte for byte, the records that the API would encode."""

import json

import numpy as np
import pytest
from activities import activities, arrivals, came, directory_of, everything, naive_records, uuid_of
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import rendering, scene
from simulator.activity import AUDIT_KINDS, OUTCOMES, Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.clients import EXTENSION, pack
from simulator.delivery import Arrived
from simulator.draws import Ints
from simulator.identifiers import cased_uuids, uuid_bytes
from simulator.records import encode, lower_uuid, timestamp_text, upper_uuid
from simulator.rendering import Piece, Renderer
from simulator.timestamps import TIME, write_times

NOON = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z
INT, WORD = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
NO_USAGES = ItemUsages(INT, INT, INT, INT, INT, INT, WORD, WORD, WORD, WORD)
NO_SIGN_INS = SignIns(INT, INT, INT, INT, INT)
NO_AUDIT = AuditEvents(INT, INT, INT, INT, INT, WORD, WORD, WORD, WORD, INT)


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def one_session() -> Sessions:
    """Person 2's extension in the second office, since noon."""
    zero = ints(0)
    return Sessions(
        zero.astype(np.uint64),
        ints(2),
        zero,
        zero,
        ints(pack(2, EXTENSION, 0, 3)),
        ints(1),
        ints(NOON),
        zero,
        zero,
        zero,
    )


def usages(count: int) -> Activity:
    """So many uses of an item, a millisecond apart."""
    number, word = np.arange(count), np.zeros(count, dtype=np.uint64)
    time, cause = NOON + number * 10**6, number % 13 - 1
    table = ItemUsages(number * 0, number, time, cause, number * 0 + 2, number + 1, word, word, word, word + 1)
    return Activity(one_session(), table, NO_SIGN_INS, NO_AUDIT)


def rendered(activity: Activity) -> dict[str, Piece]:
    return Renderer(directory_of()).render(activity, everything(activity))


def test_an_item_usage_is_one_line_of_compact_json_in_the_order_of_the_api() -> None:
    activity = usages(2)
    person = directory_of().people[2]
    piece = rendered(activity)["itemusages"]
    first, second = piece.data.splitlines()
    assert piece.records == 2
    assert second.startswith(
        b'{"uuid":"%b","timestamp":"2026-01-01T12:00:00.001Z","used_version":2,'
        b'"vault_uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaa","item_uuid":"aaaaaaaaaaaaaaaaaaaaaaaaae","action":"fill",'
        b'"user":{"uuid":"%b","name":"%b","email":"%b"},"client":{"app_name":"1Password Browser Extension",'
        % (
            uuid_of(directory_of(), activity, "item usage", 0, 1).encode(),
            person.uuid.encode(),
            person.name.encode(),
            person.email.encode(),
        )
    )
    assert second.endswith(
        b'"ip_address":"192.0.2.130"},"location":{"country":"Germany","region":"Berlin","city":"Berlin",'
        b'"latitude":52.52,"longitude":13.405}}'
    )
    assert b'"timestamp":"2026-01-01T12:00:00Z"' in first


def test_causes_are_what_is_not_plain_habit_each_once_in_order_of_arrival() -> None:
    activity = usages(3)  # plain, joiner, leaver
    rows = everything(activity) | {"itemusages": came([2, 0, 1, 2])}
    pieces = Renderer(directory_of()).render(activity, rows)
    assert pieces["itemusages"].records == 4
    assert pieces["causes"].records == 2
    assert [json.loads(line) for line in pieces["causes"].data.splitlines()] == [
        {"uuid": uuid_of(directory_of(), activity, "item usage", 0, 2), "process": "leaver"},
        {"uuid": uuid_of(directory_of(), activity, "item usage", 0, 1), "process": "joiner"},
    ]


def test_nothing_that_happened_is_no_line() -> None:
    activity = Activity(one_session(), NO_USAGES, NO_SIGN_INS, NO_AUDIT)
    pieces = {name: (piece.data, piece.records) for name, piece in rendered(activity).items()}
    assert pieces == dict.fromkeys(("itemusages", "signinattempts", "auditevents", "causes"), (b"", 0))


def test_a_failed_sign_in_has_a_session_of_its_own() -> None:
    sign_ins = SignIns(ints(0, 0), ints(1, 0), ints(NOON, NOON), ints(-1, -1), ints(6, 0))
    activity = Activity(one_session(), NO_USAGES, sign_ins, NO_AUDIT)
    failed, success = map(json.loads, rendered(activity)["signinattempts"].data.splitlines())
    assert success["session_uuid"] == uuid_of(directory_of(), activity, "session", 0, 0)
    assert failed["session_uuid"] == uuid_of(directory_of(), activity, "failed session", 0, 1)
    assert failed["session_uuid"] != success["session_uuid"]


def test_every_outcome_and_every_kind_of_audit_event_is_written_as_the_api_has_it() -> None:
    o, k = np.arange(len(OUTCOMES)), np.arange(len(AUDIT_KINDS))
    words = np.arange(len(k), dtype=np.uint64) + np.uint64(2**63)
    sign_ins = SignIns(o * 0, o, NOON + o, o * 0 - 1, o)
    audit = AuditEvents(k * 0, k, NOON + k, k * 0 - 1, k, words, words, words, words + np.uint64(1), k % 3 - 1)
    activity = Activity(one_session(), NO_USAGES, sign_ins, audit)
    agree_with_naive(activity, everything(activity))


def test_a_value_of_an_outcome_is_an_object_and_none_is_null() -> None:
    outcome = OUTCOMES[-1]._replace(value="Europe")
    assert rendering.details(outcome) == b'","details":{"value":"Europe"},"target_user":'
    assert rendering.details(OUTCOMES[0]) == b'","details":null,"target_user":'


def test_more_rows_than_are_worked_out_at_once_stay_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    activity = usages(30)
    whole = rendered(activity)["itemusages"].data
    monkeypatch.setattr(rendering, "_CHUNK", 7)
    piece = rendered(activity)["itemusages"]
    assert [bytes(part).count(b"\n") for part in piece.parts] == [7, 7, 7, 7, 2]
    assert piece.data == whole
    agree_with_naive(activity, everything(activity))


def agree_with_naive(activity: Activity, arrived: dict[str, Arrived]) -> None:
    pieces = Renderer(directory_of()).render(activity, arrived)
    naive = naive_records(directory_of(), activity, arrived)
    assert {name: piece.data for name, piece in pieces.items()} == {
        name: b"".join(map(encode, found)) for name, found in naive.items()
    }
    assert {name: piece.records for name, piece in pieces.items()} == {
        name: len(found) for name, found in naive.items()
    }


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_bytes_are_those_of_the_records_made_one_by_one(data: st.DataObject) -> None:
    activity = data.draw(activities())
    agree_with_naive(activity, data.draw(arrivals(activity)))


@settings(max_examples=20, deadline=None)
@given(st.lists(activities(), min_size=2, max_size=4))
def test_texts_that_are_kept_or_let_go_change_nothing(blocks: list[Activity]) -> None:
    one = Renderer(directory_of())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene, "_KEPT", 2)
        kept = [one.render(block, everything(block)) for block in blocks]
        lines = [[piece.data for piece in pieces.values()] for pieces in kept]
    assert lines == [[piece.data for piece in rendered(block).values()] for block in blocks]


@given(st.lists(st.integers(-(2**63) // 10**9 * 10**9 + 10**9, 2**63 - 1), max_size=5))
def test_columns_of_times_read_as_each_time_alone(times: list[int]) -> None:
    out = np.empty(len(times), dtype=TIME)
    write_times(out, np.array(times, dtype=np.int64))
    assert [f"{text.decode()}Z" for text in out.view("S29").tolist()] == list(map(timestamp_text, times))


@pytest.mark.parametrize("digits", range(10))
def test_as_many_digits_as_a_time_has_are_written(digits: int) -> None:
    times = [NOON + fraction * 10 ** (9 - digits) for fraction in {0, 1, 10**digits - 1, 10**digits // 2}]
    out = np.empty(len(times), dtype=TIME)
    write_times(out, np.array(times))
    assert [f"{text.decode()}Z" for text in out.view("S29").tolist()] == list(map(timestamp_text, times))


@given(st.lists(st.tuples(*[st.integers(0, 2**64 - 1)] * 2), max_size=5))
def test_columns_of_identifiers_read_as_each_alone(pairs: list[tuple[int, int]]) -> None:
    high, low = np.array(pairs, dtype=np.uint64).reshape(-1, 2).T
    assert [text.decode() for text in uuid_bytes(high, low).tolist()] == [upper_uuid(*pair) for pair in pairs]
    lower = cased_uuids(high, low, np.zeros(len(pairs), dtype=np.bool_))
    assert [text.decode() for text in lower.view("S26").ravel().tolist()] == [lower_uuid(*pair) for pair in pairs]

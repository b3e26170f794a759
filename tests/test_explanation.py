"""Explanations: what became of an event and what the rule knew then, in agreement with the naive model."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from builders import START, line, new_value_rule, usage
from explained import WATCHING, explaining, only
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_model import DAY, Model
from naive_records import SECOND, Json, attribute, identity, plain, tagged
from streams import situations

from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.explain.explaining import Explaining
from harness.explain.explanation import Explanation

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])


class Expected(NamedTuple):
    """What the model says of one arrival."""

    outcome: str
    reason: str | None
    fate: str | None
    known: list[tuple[Json, int | None]]


def expected(model: Model, record: Json) -> Expected:
    """What becomes of a record in the model, and what that knew of its group before."""
    ignored, seen = model.ignored.copy(), len(model.seen)
    matches, before, silent = len(model.matches), signals_of(model), len(model.learned_before_enabling)
    remembered = known_of(model, record)
    model.arrive(record)
    (reason, *_) = [*(model.ignored - ignored), None]
    if reason is not None:
        early = reason == "before the rule was enabled"
        return Expected("not_seen" if early else "ignored", None if early else reason, None, remembered)
    if len(model.matches) > matches:
        now = signals_of(model)
        fate = "suppressed" if now == before else "opened" if len(now) > len(before) else "joined"
        return Expected("new", None, fate, remembered)
    if len(model.learned_before_enabling) > silent:
        return Expected("history", None, None, remembered)
    return Expected("known" if all(one.known for one in model.seen[seen:]) else "learned", None, None, remembered)


def signals_of(model: Model) -> list[int]:
    return [len(signal["matches"]) for signal in model.signals]


def known_of(model: Model, record: Json) -> list[tuple[Json, int | None]]:
    query = model.rule["queries"][0]
    optional = query.get("hasOptionalGroupByFields", False)
    members = [
        tagged(attribute(record, name)) or (("string", "N/A") if optional else None) for name in query["groupByFields"]
    ]
    group = tuple(member for member in members if member)
    if len(group) < len(members):
        return []
    values = dict.fromkeys(one.value for one in model.seen if one.group == group)
    return [({name: plain(found) for name, found in value}, model.last_seen(group, value)) for value in values]


def found(told: Explanation) -> Expected:
    reason = told.ignored.reason if told.ignored else None
    known: list[tuple[Json, int | None]] = [(dict(each.value), each.last_seen) for each in told.known]
    return Expected(told.outcome, reason, told.signal.fate if told.signal else None, known)


def in_any_order(one: Expected) -> Expected:
    return one._replace(known=sorted(one.known, key=json.dumps))


@thorough
@given(situation=situations())
def test_every_record_is_explained_as_the_model_has_it(situation: tuple[Json, list[Json], int | None]) -> None:
    rule, stream, enabled_at = situation
    model = Model(rule, enabled_at)
    should = [in_any_order(expected(model, record)) for record in stream]
    told = explaining(stream, rule, enabled_at=enabled_at)
    assert [in_any_order(found(each)) for each in told] == should
    assert all(each.why for each in told)


@thorough
@given(situation=situations(), place=st.integers(0, 23))
def test_who_else_is_asked_about_changes_no_explanation(
    situation: tuple[Json, list[Json], int | None], place: int
) -> None:
    rule, stream, enabled_at = situation
    uuid, _ = identity(stream[place % len(stream)])
    among_all = [told for told in explaining(stream, rule, enabled_at=enabled_at) if told.uuid == uuid]
    assert explaining(stream, rule, [uuid], enabled_at) == among_all


def test_a_match_tells_the_signal_that_it_opened_or_joined() -> None:
    stream = [usage(0, "fill"), usage(8 * DAY, "export"), usage(8 * DAY + 60 * SECOND, "share")]
    first, second = (told.signal for told in explaining(stream)[1:])
    assert first is not None
    assert second is not None
    assert (first.fate, first.matches, second.fate, second.matches) == ("opened", 1, "joined", 2)
    assert (first.id, first.opened_at) == (second.id, second.opened_at)
    assert first.opened_at == START + 8 * DAY


def test_the_baseline_is_that_before_the_event_with_what_was_seen_last_first() -> None:
    stream = [usage(0, "fill"), usage(DAY, "share"), usage(2 * DAY, "fill"), usage(29 * DAY, "share")]
    told = only(stream)
    known = [
        (each.value["@evt.name"], each.first_seen, each.last_seen, each.forgotten, each.own) for each in told.known
    ]
    assert known == [
        ("fill", START, START + 2 * DAY, False, False),
        ("share", START + DAY, START + DAY, True, True),
    ]
    assert told.known[0].forgotten_at == START + 30 * DAY


def test_an_instantaneous_baseline_learns_in_silence_and_is_settled_when_the_rule_is_enabled() -> None:
    rule = new_value_rule(learn=7, new_value={"instantaneousBaseline": True})
    stream = [usage(0, "share"), usage(2 * DAY, "fill"), usage(8 * DAY, "export"), usage(7 * DAY, "reveal")]
    told = explaining(stream, rule, enabled_at=START + 8 * DAY)
    assert [each.outcome for each in told] == ["not_seen", "history", "new", "not_seen"]
    assert told[2].clock.learning_until == START + 8 * DAY
    assert told[2].known[0].first_seen == START + 2 * DAY
    assert told[3].why[0].endswith(", and events from after that had arrived already")


def test_what_an_earlier_run_saw_has_no_first_time_and_the_store_is_left_alone() -> None:
    lender, early, late = MemoryStore(), usage(0, "fill"), usage(DAY, "fill")
    event = Selector(WATCHING).select(line(early))
    assert event is not None
    StreamingEngine(WATCHING, lender).feed([event])
    before = list(lender.scan()), lender.checkpoint()
    with TemporaryDirectory() as folder:
        source = Path(folder) / "late"
        source.write_bytes(line(late))
        (told,) = Explaining(WATCHING, lender, [late["uuid"]]).explained([str(source)])
    assert (told.outcome, told.known[0].first_seen, told.known[0].last_seen) == ("known", None, START)
    assert (list(lender.scan()), lender.checkpoint()) == before

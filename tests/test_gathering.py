"""Gathering keeps matches and signals in arrival order, and makes a signal's words once, when somebody wants them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from builders import BOB, START, usage
from naive_records import Json

from detector import gathering
from detector.event import Event
from detector.gathering import Gathering
from detector.rules import NewValueRule, shipped_rule
from detector.selection import Selector
from detector.signals import Match, Signal, Template
from detector.stores.base import StoreError

RULE = replace(shipped_rule(), name="New: {{@evt.name}}", message="{{@usr.email}} on {{@item_uuid}}")
HOUR = 3_600_000_000_000


def event(record: Json, rule: NewValueRule = RULE) -> Event:
    selected = Selector(rule).select(json.dumps(record).encode())
    assert selected is not None
    return selected


def matched(held: Gathering, record: Json, left: bytes | None = None, rule: NewValueRule = RULE) -> Match:
    """The match of a record whose values are all new."""
    seen = event(record, rule)
    return held.match(seen, list(seen.values), left)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that a template has made."""
    texts: list[str] = []
    render: Callable[..., str] = Template.render

    def noted(template: Template, attribute: Any) -> str:
        texts.append(render(template, attribute))
        return texts[-1]

    monkeypatch.setattr(Template, "render", noted)
    return texts


def test_nobody_who_counts_signals_and_reads_matches_has_their_words_made(rendered: list[str]) -> None:
    held = Gathering(RULE)
    matches = [matched(held, usage(at)) for at in (0, 1, 2 * HOUR)]
    signals = held.closed() + held.still_open()
    assert [match.shown()["item_uuid"] for match in matches] == ["item"] * 3
    assert [(len(signal.matches), signal.last_match_at - START) for signal in signals] == [(2, 1), (1, 2 * HOUR)]
    assert rendered == []


@pytest.mark.parametrize("read", [Signal.shown, Signal.stored, lambda signal: (signal.title, signal.message)])
def test_words_are_made_once_from_the_event_that_opened_the_signal(
    read: Callable[[Signal], object], rendered: list[str]
) -> None:
    held = Gathering(RULE)
    matched(held, usage(0))
    matched(held, usage(1, "export", item_uuid="other"))
    (signal,) = held.still_open()
    assert read(signal) == read(signal)
    assert rendered == ["New: reveal", "ada@example.com on item"]
    assert (signal.title, signal.message) == ("New: reveal", "ada@example.com on item")


def test_a_signal_is_stored_as_its_fields_alone_with_times_in_nanoseconds() -> None:
    held = Gathering(RULE)
    match = matched(held, usage(5))
    ((blob, _),) = held.changed().values()
    (signal,) = held.still_open()
    assert json.loads(blob) == {
        "id": signal.id,
        "rule": "New: {{@evt.name}}",
        "severity": RULE.severity,
        "group": {"@usr.email": "ada@example.com"},
        "opened_at": START + 5,
        "last_match_at": START + 5,
        "title": "New: reveal",
        "message": "ada@example.com on item",
        "matches": [msgspec.to_builtins(match)],
    }


def test_what_the_store_keeps_of_a_signal_goes_on_with_the_words_that_it_has(rendered: list[str]) -> None:
    before, after = Gathering(RULE), Gathering(RULE)
    matched(before, usage(0))
    ((group, (blob, _)),) = before.changed().items()
    matched(after, usage(1, "export"), blob)
    ((same, (more, _)),) = after.changed().items()
    assert (group, json.loads(more)["title"], rendered) == (
        same,
        "New: reveal",
        ["New: reveal", "ada@example.com on item"],
    )
    assert [match["value"]["@evt.name"] for match in json.loads(more)["matches"]] == ["reveal", "export"]


def test_a_stored_signal_without_its_words_cannot_be_read() -> None:
    held = Gathering(RULE)
    matched(held, usage(0))
    ((blob, _),) = held.changed().values()
    stored = json.loads(blob)
    del stored["message"]
    with pytest.raises(StoreError, match="message"):
        matched(Gathering(RULE), usage(1), json.dumps(stored).encode())


def test_a_signal_is_encoded_again_only_after_it_has_grown() -> None:
    held = Gathering(RULE)
    matched(held, usage(0))
    assert len(held.changed()) == 1
    assert held.changed() == {}
    matched(held, usage(1))
    assert [len(json.loads(blob)["matches"]) for blob, _ in held.changed().values()] == [2]


def test_keys_are_named_alike_however_many_there_have_been(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_NAMED_KEPT", 1)
    rule = replace(RULE, group_by=("@usr.email", "@used_version"))
    held = Gathering(rule)
    records = [usage(0, used_version=1), usage(1, "fill", BOB, used_version=True), usage(2, "share", used_version=1)]
    matches = [matched(held, record, rule=rule) for record in records]
    assert [list(match.group.values()) for match in matches] == [
        ["ada@example.com", 1],
        [BOB, True],
        ["ada@example.com", 1],
    ]
    assert [match.value for match in matches] == [{"@evt.name": action} for action in ("reveal", "fill", "share")]

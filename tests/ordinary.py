"""Ordinary files: records of one kind, as columns can carry them, under rules with every knob turned.

What is hostile here is in the values: every JSON scalar, null, the empty string and NUL strings in the fields that a
rule asks for, and times on the edges of its windows. `streams` has what no column can carry.
"""

from typing import Any, Final

from builders import ADA, BOB, START, audit, sign_in, usage, uuid_of
from hypothesis import strategies as st
from naive_records import Json, identity
from streams import rules, steps, written

ABSENT: Final = object()
_EMAILS: Final = {usage: "user", sign_in: "target_user", audit: "actor_details"}
_ACTIONS: Final = {usage: "action", sign_in: "category", audit: "action"}
_TEXTS: Final = ("reveal", "fill", "export", "a", "A", "1", "true", "N/A", "\0", "\x001", "", None, "é\U0001f600")
_NUMBERS: Final = (1, 0, -1, 2**53 + 1, 2**63 - 1, None)
_FRACTIONS: Final = (1.0, 0.0, -0.0, 1.5, 1e300, None)
_TRUTHS: Final = (True, False, None)
_ANYTHING: Final = (*_TEXTS, *_NUMBERS, *_FRACTIONS, *_TRUTHS, ABSENT)
_FIELDS: Final = ("action", "by", "x", "y", "env", "type")
_steps = st.integers(0, 9999)


def _column(*usual: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """What a column of one type may hold, the usual above all."""
    types = (_TEXTS, _NUMBERS, _FRACTIONS, _TRUTHS)
    return st.sampled_from([(*usual * 4, *_TEXTS)] * 4 + [(*one, ABSENT) for one in types])


_of_one_type = st.fixed_dictionaries(
    {
        "action": _column("reveal", "fill", "export"),
        "by": _column(ADA, BOB),
        "x": _column("a", ABSENT),
        "y": _column("a", "b"),
        "env": _column("dev", "staging-2", "production", ABSENT),
        "type": _column(ABSENT),
    }
)
_of_any_type = st.just(
    {
        "action": (*("reveal", "fill", "export") * 20, *_ANYTHING),
        "by": (*(ADA, BOB) * 30, *_ANYTHING),
        "x": (*("a", 1, ABSENT) * 10, *_ANYTHING),
        "y": (*("a", "b", 1) * 10, *_ANYTHING),
        "env": ("dev", "staging-2", "production", ABSENT),
        "type": (*(ABSENT,) * 20, *_ANYTHING),
    }
)


def _record(build: Any, held: Json, number: int, timestamp: str) -> Json:
    present = {name: value for name, value in held.items() if value is not ABSENT}
    record: Json = {**build(0), "uuid": uuid_of(number), "timestamp": timestamp}
    record |= {name: present[name] for name in ("x", "env") if name in present}
    record |= {"y": {"z": present["y"]}} if "y" in present else {}
    record |= {"evt": {"type": present["type"]}} if "type" in present else {}
    person = {name: value for name, value in record.pop(_EMAILS[build]).items() if name != "email"}
    record[_EMAILS[build]] = person | ({"email": present["by"]} if "by" in present else {})
    record.pop("action", None)
    return record | ({_ACTIONS[build]: present["action"]} if "action" in present else {})


@st.composite
def _streams(draw: st.DrawFn, rule: Json, columns: Json, longest: int) -> list[Json]:
    build, lengths = draw(st.sampled_from([usage, usage, sign_in, audit])), steps(rule)
    if build is sign_in:  # one without a category would be none
        columns = columns | {"action": [value for value in columns["action"] if value not in (None, ABSENT)]}
    times, stream = [START], list[Json]()
    for number in range(draw(st.integers(1, longest))):
        if stream and draw(st.integers(0, 7)) == 7:
            stream.append(draw(st.sampled_from(stream)))
            continue
        after = times[max(draw(st.sampled_from([-1, -1, -2, -3])), -len(times))]
        times.append(after + lengths[draw(_steps) % len(lengths)])
        held = {name: draw(st.sampled_from(columns[name])) for name in _FIELDS}
        stream.append(_record(build, held, number, written(times[-1], 0, draw(st.sampled_from([0, 3, 9])))))
    return stream


@st.composite
def _situations(
    draw: st.DrawFn, columns: st.SearchStrategy[Json], longest: int = 24
) -> tuple[Json, list[Json], int | None]:
    rule = draw(rules())
    stream = draw(_streams(rule, draw(columns), longest))
    lengths = steps(rule)
    starts = st.sampled_from([identity(record)[1] for record in stream])
    enabled = st.builds(lambda start, step: start + lengths[step % len(lengths)], starts, _steps)
    return rule, stream, draw(st.none() | enabled)


def ordinary() -> st.SearchStrategy[tuple[Json, list[Json], int | None]]:
    """A rule, records of one kind, and when the rule was enabled; a field holds any JSON scalar, or nothing."""
    return _situations(_of_any_type)


def tabular() -> st.SearchStrategy[tuple[Json, list[Json], int | None]]:
    """The same with every field of one type throughout, as a table's columns are."""
    return _situations(_of_one_type)

"""Hostile streams, and the rules they are hostile to.

Few users and few actions, times on the very edges of the rule's windows, late and repeated events, and every JSON type
where text is expected.
"""

from typing import Any, Final

from builders import ADA, BOB, START, audit, log, new_value_rule, sign_in, usage, uuid_of
from hypothesis import strategies as st
from naive_model import DAY
from naive_records import SECOND, Json, identity, rfc3339

_FIELDS: Final = ("@evt.name", "@x", "@y.z", "@usr.email", "source", "env", "@network.client.ip", "@evt.type")
_QUERIES: Final = (
    "*",
    "",
    "source:1password",
    "@evt.name:(reveal OR export)",
    "@evt.name:* -@x:a",
    "@x:(1 OR true OR a) -env:production",
    "@evt.type:1password-item-usages @evt.name:(reveal OR fill) -@x:1",
    "@y.z:*",
)
_EXCLUDES: Final = ("suppressionQuery", "dataExclusionQuery")
_SUPPRESSED: Final = (("@evt.name:fill", True), ("@x:(1 OR a)", True), ("env:dev", True), ("@evt.name:*", False))
_HOSTILE: Final[tuple[Any, ...]] = (
    *("a", "A", 1, 1.0, "1", True, "true", False, 0, -0.0, 1.5, "N/A", "\0", "\x001"),
    *(None, "", [], ["a"], {}, {"z": "a"}),
)
_ABSENT: Final = object()
_MEMBERS: Final[tuple[Any, ...]] = (_ABSENT, *({"z": value} for value in _HOSTILE))


def _mostly(*sane: Any) -> st.SearchStrategy[Any]:
    """The sane four times in five, anything that JSON has otherwise."""
    times = 4 * len(_HOSTILE) // len(sane)
    return st.sampled_from([*sane * times, *_HOSTILE])


_lists_of_fields = st.lists(st.sampled_from(_FIELDS), max_size=3, unique=True)
_rules = st.fixed_dictionaries(
    {
        "query": st.sampled_from(_QUERIES[:1] * 12 + _QUERIES),
        "group_by": st.sampled_from([("@usr.email",), None]).flatmap(
            lambda usual: _lists_of_fields.map(tuple) if usual is None else st.just(usual)
        ),
        "metrics": st.sampled_from(
            [("@evt.name",), ("@evt.name", "@x"), ("@x", "@y.z", "@evt.name"), ("@y.z",), ("env",)]
        ),
        "forget": st.integers(1, 3),
        "learn": st.sampled_from([1, 0, 2, 3]),
        "lengths": st.sampled_from([(0, 3600), (60, 60), (60, 300), (3600, 7200), (3600, 86400), (86400, 86400)]),
        "learningScope": st.sampled_from(["rule", "group"]),
        "forgetMode": st.sampled_from(["sliding", "fixed"]),
        "multiValue": st.sampled_from(["tuple", "any"]),
        "hasOptionalGroupByFields": st.booleans(),
        "learningMethod": st.sampled_from(["duration"] * 3 + ["threshold"]),
        "learningThreshold": st.integers(0, 1),
        "instantaneousBaseline": st.booleans(),
        "decreaseCriticalityBasedOnEnv": st.booleans(),
        "status": st.sampled_from(["info", "low", "critical"]),
        "filter": st.sampled_from(
            [None] * 40 + [(one, query) for one in ("suppress", "require") for query in _QUERIES[3:]]
        ),
        "suppressions": st.sampled_from([[]] * 8 + [[(kind, *one)] for kind in _EXCLUDES for one in _SUPPRESSED]),
    }
)


def _rule(drawn: Json) -> Json:
    keep_alive, longest = drawn["lengths"]
    return new_value_rule(
        **{name: drawn[name] for name in ("query", "group_by", "metrics", "forget", "learn")},
        keep_alive=keep_alive,
        longest=longest,
        assumptions={name: drawn[name] for name in ("learningScope", "forgetMode", "multiValue")},
        query_fields={"hasOptionalGroupByFields": drawn["hasOptionalGroupByFields"]},
        new_value={name: drawn[name] for name in ("learningMethod", "learningThreshold", "instantaneousBaseline")},
        options={"decreaseCriticalityBasedOnEnv": drawn["decreaseCriticalityBasedOnEnv"]},
        name="New {{@evt.name}}",
        message="{{@usr.email}} did {{@evt.name}} with {{@x}} and {{@y.z}} in {{env}}",
        cases=[{"name": "", "status": drawn["status"]}],
        filters=[dict(zip(("action", "query"), drawn["filter"], strict=True))] if drawn["filter"] else [],
        suppressions=[{name: query, "enabled": enabled} for name, query, enabled in drawn["suppressions"]],
    )


def rules() -> st.SearchStrategy[Json]:
    """Rules with every knob turned."""
    return _rules.map(_rule)


def steps(rule: Json) -> list[int]:
    """From one event to another: an edge or the sum of two, forwards or back, hit or missed by a nanosecond.

    Edges are the lengths on which the rule's verdicts and signals turn.
    """
    options = rule["options"]
    days = [options["newValueOptions"][name] * DAY for name in ("forgetAfter", "learningDuration")]
    edges = [0, *days, *(options[name] * SECOND for name in ("keepAlive", "maxSignalDuration"))]
    sums = sorted({a + b for a in edges for b in edges})
    near = [length for length in (0, edges[-2]) for _ in sums]
    return [sign * length + miss for sign in (1, 1, 1, -1) for miss in (0, 0, 1, -1) for length in [*near, *sums]]


def written(instant: int, offset_minutes: int, digits: int) -> str:
    """The instant in RFC 3339 with that offset, and at least so many digits of the fraction."""
    whole, fraction = divmod(instant, SECOND)
    shown = f"{fraction:09d}".rstrip("0").ljust(digits, "0")
    hours, minutes = divmod(abs(offset_minutes), 60)
    zone = f"{'-' if offset_minutes < 0 else '+'}{hours:02d}:{minutes:02d}" if offset_minutes else "Z"
    local = rfc3339((whole + offset_minutes * 60) * SECOND).removesuffix("Z")
    return local + (f".{shown}" if shown else "") + zone


_steps = st.integers(0, 9999)
"""Which of a rule's steps, modulo their number."""
_shapes = st.fixed_dictionaries(
    {
        "build": st.sampled_from([usage, usage, usage, sign_in, audit, log]),
        "action": _mostly("reveal", "fill", "export"),
        "by": _mostly(ADA, BOB),
        "x": _mostly("a", 1, _ABSENT),
        "y": _mostly({"z": "a"}, {"z": "b"}, {"z": 1}) | st.sampled_from(_MEMBERS),
        "env": st.sampled_from([_ABSENT, "dev", "staging-2", "production"]),
        "without": st.sampled_from([None] * 40 + ["user", "target_user", "actor_details", "action", "client"]),
        "writing": st.sampled_from([(0, 0), (0, 0), (0, 3), (0, 9), (-180, 0), (330, 9)]),
        "repeats": st.integers(0, 7),
        "step": _steps,
        "after": st.sampled_from([-1, -1, -2, -3]),
    }
)


def _record(shape: Json, number: int, at: int) -> Json:
    extra = {name: shape[name] for name in ("x", "y", "env") if shape[name] is not _ABSENT}
    record: Json = shape["build"](0, shape["action"], shape["by"], **extra)
    timestamp = written(at, *shape["writing"])
    if shape["build"] is log:
        return {**record, "id": uuid_of(number), "attributes": {**record["attributes"], "timestamp": timestamp}}
    kept = {name: value for name, value in record.items() if name != shape["without"]}
    return {**kept, "uuid": uuid_of(number), "timestamp": timestamp}


@st.composite
def streams(draw: st.DrawFn, rule: Json, longest: int = 24) -> list[Json]:
    """Records in arrival order: each one of the rule's edges away from a recent one, or an earlier one again."""
    lengths = steps(rule)
    times, stream = [START], list[Json]()
    for number in range(draw(st.integers(1, longest))):
        shape = draw(_shapes)
        if stream and shape["repeats"] == 7:
            stream.append(stream[shape["step"] % len(stream)])
            continue
        times.append(times[max(shape["after"], -len(times))] + lengths[shape["step"] % len(lengths)])
        stream.append(_record(shape, number, times[-1]))
    return stream


@st.composite
def situations(draw: st.DrawFn) -> tuple[Json, list[Json], int | None]:
    """A rule, a stream that is hostile to it, and when the rule was enabled, if that is told at all."""
    rule = draw(rules())
    stream = draw(streams(rule))
    lengths = steps(rule)
    starts = st.sampled_from([identity(record)[1] for record in stream])
    enabled = st.builds(lambda start, step: start + lengths[step % len(lengths)], starts, _steps)
    return rule, stream, draw(st.none() | enabled)

"""Explanations of a stream's events, by a rule that learns for a week."""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from builders import line, new_value_rule
from naive_records import Json, identity

from detector.rules import parse_rule
from detector.stores.memory import MemoryStore
from harness.explain.explaining import Explaining
from harness.explain.explanation import Explanation

RULE = new_value_rule(query="@evt.type:1password-item-usages", learn=7, keep_alive=3600)
WATCHING = parse_rule(json.dumps(RULE), "rule")


def explaining(
    stream: Iterable[Json], rule: Json = RULE, uuids: Iterable[str] | None = None, enabled_at: int | None = None
) -> list[Explanation]:
    """The explanations of the events *uuids* of the stream, or of all."""
    records = list(stream)
    asked = list(uuids or dict.fromkeys(identity(record)[0] for record in records))
    with TemporaryDirectory() as folder:
        source = Path(folder) / "records.ndjson"
        source.write_bytes(b"\n".join(map(line, records)))
        explained = Explaining(parse_rule(json.dumps(rule), "rule"), MemoryStore(), asked, enabled_at)
        return list(explained.explained([str(source)]))


def only(stream: list[Json], rule: Json = RULE, enabled_at: int | None = None) -> Explanation:
    """The explanation of the last record."""
    return explaining(stream, rule, [identity(stream[-1])[0]], enabled_at)[-1]

"""Elastic's `new_terms` rules, in the TOML of https://github.com/elastic/detection-rules, read as New Value rules.

A combination of `new_terms_fields` is new if the history window does not hold it. Elastic keeps no state and learns
nothing, so the rule learns nothing either (method `threshold`, 0), forgets after the window, and a sighting anywhere
in the window keeps a combination known (`sliding`). New to the pair (user, action) or a new action of the user is the
same to a rule without learning, and signals are per group: so the fields that say whose activity it is become the
group-by, if others are left to be watched. What would change verdicts and has no counterpart is refused; the rest is
listed in the notes.
"""

import re
import reprlib
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from detector.elastic import fields as elastic_fields
from detector.elastic.kql import to_piece
from detector.elastic.piece import AND, joined, one
from detector.elastic.toml_document import TomlDocument
from detector.elastic.values import KqlError
from detector.instant import DAY, SECOND
from detector.query import QueryError, compile_query, is_field
from detector.rules import SEVERITIES

_FIELDS: Final = "rule.new_terms.value"
_WINDOW: Final = "rule.new_terms.history_window_start.0.value"
_UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "H": 3600 * SECOND, "d": DAY, "w": 7 * DAY}
_LEGAL_WINDOW: Final = "now-Nd, whole days from 1 to 30 (what Datadog's forgetAfter holds)"

ORIGINS: Final = {
    "queries.0.query": "rule.query",
    "queries.0.groupByFields": _FIELDS,
    "queries.0.metrics": _FIELDS,
    "options.newValueOptions": _WINDOW,
    "cases.0.status": "rule.severity",
    "message": "rule.description",
    "name": "rule.name",
    "isEnabled": "rule.enabled",
}
"""Where in the TOML the parts of the New Value rule come from."""

_CARRIED: Final = frozenset(
    ("type", "language", "query", "index", "new_terms", "severity", "name", "description", "enabled", "tags", "filters")
)
_LOST: Final = {
    "from": "each event is decided when it comes, not in runs that look back",
    "interval": "each event is decided when it comes, not in runs",
    "to": "each event is decided when it comes, not in runs",
    "timestamp_override": "the record's own time decides",
    "timestamp_override_fallback_disabled": "the record's own time decides",
    "exceptions_list": "the events that the exceptions leave out are seen",
    "alert_suppression": "each match is a signal of its own",
    "max_signals": "every match counts, however many there are in a run",
    "data_view_id": "all of 1Password's feeds are read, whatever the data view holds",
    "severity_mapping": "every signal has the severity of the rule",
}
"""What has no counterpart and would show in what the rule finds, with what happens instead."""
_HARMLESS: Final = frozenset(
    (
        *("actions", "author", "building_block_type", "false_positives", "investigation_fields", "license", "meta"),
        *("note", "references", "related_integrations", "required_fields", "response_actions", "revision"),
        *("risk_score", "risk_score_mapping", "rule_id", "rule_name_override", "setup", "threat", "throttle"),
        *("timeline_id", "timeline_title", "version"),
        # what Kibana adds of its own
        *("created_at", "created_by", "updated_at", "updated_by", "id", "immutable", "rule_source"),
        *("execution_summary", "namespace", "outcome", "output_index"),
    )
)
"""What tells people about the rule or its signals, and is in no search.

Source: `BaseRuleData` in https://github.com/elastic/detection-rules/blob/main/detection_rules/rule.py, and the rule
schema of Kibana's API, https://www.elastic.co/docs/api/doc/kibana/group/endpoint-security-detections-api.
"""


class Translation(NamedTuple):
    """A rule in Datadog's canonical form, and a line for each part of the original that is not in it."""

    document: dict[str, Any]
    notes: tuple[str, ...]


def translate(text: str, source: str) -> Translation:
    """Read a rule in Elastic's TOML; *source* names it in errors. Raises `RuleError`."""
    doc = TomlDocument(source, text)
    doc.choice("rule.type", ["new_terms"])
    doc.choice("rule.language", ["kuery"], "kuery")
    if doc.find("rule.filters"):
        raise doc.error("rule.filters", "none: write what they select into the query")
    group_by, metrics = _keys(doc)
    document = {
        "name": doc.text("rule.name"),
        "isEnabled": doc.flag("rule.enabled", default=True),
        "type": "log_detection",
        "queries": [
            {"query": _query(doc), "aggregation": "new_value", "groupByFields": group_by, "metrics": metrics},
        ],
        "options": {
            "detectionMethod": "new_value",
            "keepAlive": 0,
            "maxSignalDuration": 0,
            "newValueOptions": {"forgetAfter": _days(doc), "learningMethod": "threshold", "learningThreshold": 0},
        },
        "cases": [{"name": "", "status": doc.choice("rule.severity", SEVERITIES[1:]), "notifications": []}],
        "message": doc.text("rule.description", ""),
        "tags": list(doc.texts("rule.tags", 0, 1000, ())),
    }
    return Translation(document, tuple(_notes(doc)))


def _keys(doc: TomlDocument) -> tuple[list[str], list[str]]:
    """Group-by and metrics, by Datadog's names."""
    doc.choice("rule.new_terms.field", ["new_terms_fields"])
    fields = doc.texts(_FIELDS, 1, 3)
    names = {}
    for field in fields:
        name = elastic_fields.datadog_name(field)
        if name is None or "*" in field or not is_field(name):
            raise doc.error(_FIELDS, elastic_fields.LEGAL, field)
        names[field] = name
    group_by = [name for field, name in names.items() if field in elastic_fields.WHO]
    metrics = [name for field, name in names.items() if field not in elastic_fields.WHO]
    return (group_by, metrics) if metrics else ([], group_by)


def _days(doc: TomlDocument) -> int:
    doc.mappings("rule.new_terms.history_window_start", 1, 1)
    doc.choice("rule.new_terms.history_window_start.0.field", ["history_window_start"])
    found = re.fullmatch(r"now-(\d{1,9})([smhHdw])", doc.text(_WINDOW))
    days, rest = divmod(int(found[1]) * _UNITS[found[2]], DAY) if found else (0, 0)
    if rest or not 1 <= days <= 30:
        raise doc.error(_WINDOW, _LEGAL_WINDOW)
    return days


def _query(doc: TomlDocument) -> str:
    """The query, and what the index patterns leave of 1Password's streams."""
    streams = elastic_fields.streams_search(doc.texts("rule.index", 1, 100, ["logs-*"]))
    if streams is None:
        raise doc.error("rule.index", "an index of 1Password's, such as logs-1password.item_usages-*")
    try:
        search = to_piece(doc.text("rule.query"), elastic_fields.find)
        pieces = [each for each in (one(streams), search) if each.text not in ("", "*")]
        whole = joined(AND, pieces).text if pieces else "*"
        compile_query(whole)
    except (KqlError, QueryError) as error:
        raise doc.error("rule.query", f"KQL that Datadog's log search can express ({error})") from None
    return whole


def _notes(doc: TomlDocument) -> list[str]:
    """What becomes of the parts that are not in the translation."""
    rule: dict[str, Any] = doc.root["rule"]
    days = _days(doc)
    notes = [
        f"history: Elastic searches what is stored; here a combination is unknown until the records show it, so that"
        f" matches of the first {'day' if days == 1 else f'{days} days'} say little",
        *(f"{name}: does not carry over; {why}" for name, why in _LOST.items() if rule.get(name)),
        *(_unknown(name, rule[name]) for name in rule if name not in _CARRIED | _LOST.keys() | _HARMLESS),
    ]
    harmless = sorted(name for name in rule if name in _HARMLESS)
    if harmless:
        notes.append(f"{', '.join(harmless)}: not carried over; no verdict depends on it")
    return notes


def _unknown(name: str, value: object) -> str:
    near = get_close_matches(name, sorted(_CARRIED | _LOST.keys() | _HARMLESS), n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    found = reprlib.repr(value)
    return f"{name}: unknown key: found {found}; it is ignored, and nobody knows what it would do{meant}"

"""Rules: a New Value rule as Datadog exports it (`GET /api/v2/security_monitoring/rules/{id}`), or the same in YAML.

Field names, bounds and defaults are Datadog's; see DESIGN.md for each. Three knobs under `assumptions` are ours:
they name what Datadog's documentation leaves open and can change a verdict. `tests` is ours too: events, and what
the rule has to make of each; it is kept in the rule's document and changes nothing about the rule. In TOML it is
a rule of Elastic's, which `detector.elastic.rule` brings into Datadog's form.
"""

import json
from dataclasses import dataclass, field, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from detector.document import Document, RuleError
from detector.elastic.toml_document import is_toml
from detector.query import LEGAL_FIELD, is_field
from detector.rule_queries import filters, query

SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
SIGNAL_SECONDS: Final = (0, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Legal lengths of `keepAlive` and `maxSignalDuration` (Datadog's API client)."""
LEARNING_SCOPES: Final = ("rule", "group")
FORGET_MODES: Final = ("sliding", "fixed")
MULTI_VALUES: Final = ("tuple", "any")

_OPTIONS = "options"
_NEW_VALUE = "options.newValueOptions"
_QUERY = "queries.0"
_SHIPPED = "onepassword-unusual-item-usage.json"
_LARGEST_RULE = 1_000_000
_WITHOUT_CONSEQUENCE = (
    "document",
    "message",
    "severity",
    "tags",
    "enabled",
    "evaluation_window_seconds",
    "import_notes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValueRule:
    """One validated rule. Days and seconds as Datadog counts them: a day is 86,400 s."""

    name: str
    message: str
    severity: str
    query: str
    group_by: tuple[str, ...]
    metrics: tuple[str, ...]
    forget_after_days: int
    learning_method: str = "duration"
    learning_duration_days: int = 0
    learning_threshold: int = 0
    instantaneous_baseline: bool = False
    optional_group_by: bool = False
    keep_alive_seconds: int = 3600
    max_signal_seconds: int = 86400
    evaluation_window_seconds: int = 0
    decrease_by_env: bool = False
    enabled: bool = True
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    learning_scope: str = "rule"
    forget_mode: str = "sliding"
    multi_value: str = "tuple"
    document: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """The export as it was read, unknown fields included."""
    import_notes: tuple[str, ...] = ()
    """Of a rule in another product's form: what did not carry over, a line each."""

    def assumptions(self) -> dict[str, str]:
        """The knobs for what Datadog leaves open, under their names in a rule's document."""
        return {
            "learningScope": self.learning_scope,
            "forgetMode": self.forget_mode,
            "multiValue": self.multi_value,
        }

    def warnings(self) -> list[str]:
        """What is worth a line before the rule runs, each with the rule's name before it."""
        told = self.oddities()
        if self.import_notes:
            notes = "1 thing does" if len(self.import_notes) == 1 else f"{len(self.import_notes)} things do"
            told.append(f"imported from Elastic: {notes} not carry over; `vaultdrill rules show FILE` lists them")
        return [f"{self.name}: {each}" for each in told]

    def oddities(self) -> list[str]:
        """What is legal and yet worth a sentence."""
        found = []
        if not self.enabled:
            found.append("the rule is disabled (isEnabled: false); it runs all the same, to be tested")
        if self.evaluation_window_seconds:
            found.append(
                f"evaluationWindow {self.evaluation_window_seconds} does not change verdicts; shipped rules have 0"
            )
        if self.learning_method == "duration" and self.forget_after_days <= self.learning_duration_days:
            days = f"forgetAfter {self.forget_after_days} d <= learningDuration {self.learning_duration_days} d"
            found.append(f"{days}: values can be forgotten before learning ends")
        return found

    def meaning(self) -> dict[str, Any]:
        """What decides a verdict or which signal a match joins, as JSON has it: what a stored baseline belongs to."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _WITHOUT_CONSEQUENCE}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def shipped_rule() -> NewValueRule:
    """The default: Datadog's 1Password item usage rule as far as it is public (its windows are an assumption).

    >>> shipped_rule().group_by, shipped_rule().forget_after_days
    (('@usr.email',), 28)
    """
    return parse_rule(shipped_path().read_text("utf-8"), _SHIPPED)


def shipped_path() -> Path:
    """The file of the shipped rule."""
    return Path(str(files("detector") / "data" / _SHIPPED))


def load_rule(path: Path) -> NewValueRule:
    """Read a rule in JSON, YAML or Elastic's TOML. Raises `RuleError` (one line) or OSError."""
    data = path.read_bytes()
    if len(data) > _LARGEST_RULE:
        raise RuleError(f"{path}: found {len(data)} bytes; legal: a rule of at most {_LARGEST_RULE} bytes")
    try:
        return parse_rule(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        raise RuleError(f"{path}: not text in UTF-8; legal: a rule in JSON, YAML or TOML") from None


def parse_rule(text: str, source: str) -> NewValueRule:
    """Validate the text of a rule; *source* names it in errors, and may end in `.toml`. Raises `RuleError`."""
    if not is_toml(text, source):
        return _rule(Document(source, text))
    from detector.elastic.rule import translate

    document, notes = translate(text, source)
    return replace(_rule(Document(source, json.dumps(document))), import_notes=notes)


def _rule(doc: Document) -> NewValueRule:
    doc.mappings("queries", 1, 1)
    doc.mappings("cases", 1, 1)
    doc.choice(f"{_QUERY}.aggregation", ["new_value"])
    doc.choice(f"{_OPTIONS}.detectionMethod", ["new_value"])
    keep_alive, max_signal = _signal_lengths(doc)
    return NewValueRule(
        name=doc.text("name"),
        message=doc.text("message", ""),
        severity=doc.choice("cases.0.status", SEVERITIES),
        query=query(doc, f"{_QUERY}.query"),
        group_by=_fields(doc, f"{_QUERY}.groupByFields", doc.texts(f"{_QUERY}.groupByFields", 0, 50, ())),
        metrics=_metrics(doc),
        optional_group_by=doc.flag(f"{_QUERY}.hasOptionalGroupByFields", default=False),
        forget_after_days=doc.integer(f"{_NEW_VALUE}.forgetAfter", 1, 30),
        learning_method=doc.choice(f"{_NEW_VALUE}.learningMethod", ("duration", "threshold"), "duration"),
        learning_duration_days=doc.integer(f"{_NEW_VALUE}.learningDuration", 0, 30, 0),
        learning_threshold=doc.integer(f"{_NEW_VALUE}.learningThreshold", 0, 1, 0),
        instantaneous_baseline=doc.flag(f"{_NEW_VALUE}.instantaneousBaseline", default=False),
        keep_alive_seconds=keep_alive,
        max_signal_seconds=max_signal,
        evaluation_window_seconds=doc.choice(f"{_OPTIONS}.evaluationWindow", SIGNAL_SECONDS, 0),
        decrease_by_env=doc.flag(f"{_OPTIONS}.decreaseCriticalityBasedOnEnv", default=False),
        enabled=doc.flag("isEnabled", default=True),
        tags=doc.texts("tags", 0, 1000, ()),
        learning_scope=doc.choice("assumptions.learningScope", LEARNING_SCOPES, "rule"),
        forget_mode=doc.choice("assumptions.forgetMode", FORGET_MODES, "sliding"),
        multi_value=doc.choice("assumptions.multiValue", MULTI_VALUES, "tuple"),
        document=doc.root,
        **filters(doc),
    )


def _metrics(doc: Document) -> tuple[str, ...]:
    """`metrics` wins over the older single `metric`."""
    if doc.find(f"{_QUERY}.metrics") is None and doc.find(f"{_QUERY}.metric") is not None:
        return _fields(doc, f"{_QUERY}.metric", (doc.text(f"{_QUERY}.metric"),))
    return _fields(doc, f"{_QUERY}.metrics", doc.texts(f"{_QUERY}.metrics", 1, 5))


def _fields(doc: Document, path: str, names: tuple[str, ...]) -> tuple[str, ...]:
    wrong = next((name for name in names if not is_field(name)), None)
    if wrong is not None:
        raise doc.error(path, LEGAL_FIELD, wrong)
    return names


def _signal_lengths(doc: Document) -> tuple[int, int]:
    longest = doc.choice(f"{_OPTIONS}.maxSignalDuration", SIGNAL_SECONDS, 86400)
    keep_alive = doc.choice(f"{_OPTIONS}.keepAlive", SIGNAL_SECONDS, min(3600, longest))
    if keep_alive > longest:
        raise doc.error(f"{_OPTIONS}.keepAlive", f"at most maxSignalDuration ({longest})")
    return keep_alive, longest

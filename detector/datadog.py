"""A rule in Datadog's canonical form, whatever form it was read in."""

from typing import Any

from detector.rules import NewValueRule

_ASSUMED = {"learningScope": "rule", "forgetMode": "sliding", "multiValue": "tuple"}
"""What our own knobs are where a rule does not say."""


def datadog_form(rule: NewValueRule) -> dict[str, Any]:
    """The rule as Datadog's API has it, every field spelt out; our own knobs only where they differ.

    What is read from it has the same meaning. Suppressions that are switched off, notifications and what Datadog adds
    itself (ids, dates) are left out.
    """
    assumptions = {name: value for name, value in rule.assumptions().items() if value != _ASSUMED[name]}
    return {
        "name": rule.name,
        "isEnabled": rule.enabled,
        "type": "log_detection",
        "queries": [_query(rule)],
        "options": _options(rule),
        "cases": [{"name": "", "status": rule.severity, "notifications": []}],
        "message": rule.message,
        "tags": list(rule.tags),
        "filters": [
            *({"action": "require", "query": query} for query in rule.required),
            *({"action": "suppress", "query": query} for query in rule.excluded),
        ],
        **({"suppressions": [{"suppressionQuery": query} for query in rule.suppressed]} if rule.suppressed else {}),
        **({"assumptions": assumptions} if assumptions else {}),
    }


def _query(rule: NewValueRule) -> dict[str, Any]:
    return {
        "query": rule.query,
        "aggregation": "new_value",
        "groupByFields": list(rule.group_by),
        "hasOptionalGroupByFields": rule.optional_group_by,
        "metrics": list(rule.metrics),
    }


def _options(rule: NewValueRule) -> dict[str, Any]:
    return {
        "detectionMethod": "new_value",
        "evaluationWindow": rule.evaluation_window_seconds,
        "keepAlive": rule.keep_alive_seconds,
        "maxSignalDuration": rule.max_signal_seconds,
        "decreaseCriticalityBasedOnEnv": rule.decrease_by_env,
        "newValueOptions": {
            "forgetAfter": rule.forget_after_days,
            "learningMethod": rule.learning_method,
            "learningDuration": rule.learning_duration_days,
            "learningThreshold": rule.learning_threshold,
            "instantaneousBaseline": rule.instantaneous_baseline,
        },
    }

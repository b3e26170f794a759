"""Lint: what a reviewer would say of a rule, with file, line and a code for each sort of finding."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from detector.document import RuleError
from detector.lints.fields import fields
from detector.lints.keys import keys
from detector.lints.page import Finding, Page
from detector.lints.signals import signals
from detector.lints.windows import windows

UNREADABLE: Final = "unreadable"
"""The code of a file that is no rule."""

CODES: Final[Mapping[str, str]] = {
    UNREADABLE: "The file is no rule.",
    "absent-field": "No record that the rule sees has the field.",
    "constant-group": "A group-by field has one value in all events that the rule sees.",
    "constant-metric": "A metric has one value in all events that the rule sees.",
    "disabled": "The rule is switched off.",
    "fields-apart": "No kind of record has all of the rule's fields.",
    "first-event-only": "Learning ends with a group's first event.",
    "forget-within-learning": "Values can be forgotten before learning ends.",
    "group-is-metric": "A field is group-by and metric, so that only a new group is new.",
    "idle-knob": "A knob is set and changes nothing.",
    "no-message": "The signal tells nothing.",
    "repeated-field": "A field is given twice.",
    "selects-nothing": "The query can match no 1Password record.",
    "signal-per-match": "Matches are not gathered into signals.",
    "suppresses-all": "Every signal is suppressed.",
    "unknown-field": "No 1Password record has the field.",
    "untrimmed-name": "The name begins or ends with a blank.",
}
"""The codes of findings, each with what it says."""


def lint(path: Path) -> list[Finding]:
    """Return what there is to say of a rule's file, in order of line; if it is no rule, that alone. Raises OSError."""
    try:
        page = Page.read(path)
    except RuleError as error:
        return [_unreadable(path, str(error))]
    return sorted(set(_review(page)))


def _review(page: Page) -> Iterator[Finding]:
    yield from windows(page)
    yield from keys(page)
    yield from fields(page)
    yield from signals(page)


def _unreadable(path: Path, said: str) -> Finding:
    line, message = re.fullmatch(r"(?::(\d+))?: (.*)", said.removeprefix(str(path)), re.DOTALL).groups()  # type: ignore[union-attr]
    return Finding(path, int(line or 1), UNREADABLE, message)

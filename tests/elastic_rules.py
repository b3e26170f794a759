"""A rule of Elastic's to change, and what is said of it."""

import pytest

from detector.document import RuleError
from detector.rules import NewValueRule, parse_rule

RULE = """\
[metadata]
maturity = "production"

[rule]
description = "Look at it."
from = "now-9m"
index = ["filebeat-*", "logs-1password*"]
language = "kuery"
name = "First action"
note = '''
[not.a.table]
type = "eql"
'''
severity = "high"
tags = ["Data Source: 1Password"]
type = "new_terms"
query = "event.action:(reveal or export)"

[rule.new_terms]
field = "new_terms_fields"
value = ["user.email", "event.action"]

[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-10d"
"""


def rule(old: str = "", new: str = "") -> NewValueRule:
    """The rule, with one text in place of another."""
    assert old in RULE
    return parse_rule(RULE.replace(old, new) if old else RULE, "rule.toml")


def refusal(old: str, new: str) -> str:
    with pytest.raises(RuleError) as refused:
        rule(old, new)
    assert "\n" not in str(refused.value)
    return str(refused.value)

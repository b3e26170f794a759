"""What is told of a rule of Elastic's: which of it does not carry over, and why it cannot be read."""

import pytest
from elastic_rules import RULE, refusal, rule

from detector.document import RuleError
from detector.rules import parse_rule


def test_what_does_not_carry_over_is_told_and_changes_nothing_else() -> None:
    notes = rule().import_notes
    assert [note.partition(":")[0] for note in notes] == ["history", "from", "note"]
    assert notes[-1] == "note: not carried over; no verdict depends on it"
    assert rule().meaning() == rule('from = "now-9m"\n').meaning()


def test_before_a_run_that_is_one_line_with_the_name_of_the_rule() -> None:
    assert rule().warnings() == [
        "First action: imported from Elastic: 3 things do not carry over; `vaultdrill rules show FILE` lists them"
    ]


def test_of_an_unknown_key_nobody_says_that_it_is_harmless() -> None:
    notes = rule('severity = "high"', 'severity = "high"\nalert_supression = 1\nthreshold_x = "a"').import_notes
    assert notes[2:4] == (
        "alert_supression: unknown key: found 1; it is ignored, and nobody knows what it would do;"
        " did you mean alert_suppression?",
        "threshold_x: unknown key: found 'a'; it is ignored, and nobody knows what it would do",
    )


def test_of_what_elastic_knows_and_no_search_asks_it_is_said() -> None:
    notes = rule('severity = "high"', 'severity = "high"\nrisk_score = 1\ntimeline_id = "a"').import_notes
    assert notes[-1] == "note, risk_score, timeline_id: not carried over; no verdict depends on it"


@pytest.mark.parametrize("start", ["", "# mine\n\n", 'title = "x"\n'])
def test_toml_is_known_by_what_it_says_whatever_the_file_is_called(start: str) -> None:
    assert parse_rule(start + RULE, "rule.txt") == rule()


def test_broken_toml_is_told_as_such_whatever_the_file_is_called() -> None:
    with pytest.raises(RuleError, match=r"^rule\.txt:4: not readable as TOML"):
        parse_rule("[metadata]\n\n[rule]\nname = \n", "rule.txt")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("inf", "an infinite number"),
        ("nan", "what is not a number"),
        ("true", "true"),
        ("2026-01-05", "the time 2026-01-05"),
        ("[" * 90 + "]" * 90, "[[[[[[[...]]]]]]]"),
    ],
)
def test_a_value_that_is_refused_is_shown_in_plain_words(value: str, shown: str) -> None:
    assert f"rule.severity: found {shown}; legal: one of" in refusal('severity = "high"', f"severity = {value}")


def test_toml_nested_too_deeply_is_refused_in_plain_words() -> None:
    deep = "[" * 9000 + "]" * 9000
    assert refusal('"high"', deep) == "rule.toml: not readable as TOML (it is nested too deeply)"

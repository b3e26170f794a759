"""What `rules show` says of a rule is true of it, whatever its knobs."""

import json
from typing import Any

import pytest
from builders import new_value_rule

from detector.rules import parse_rule
from harness.report.rule_words import rule_words


def words(**changes: Any) -> dict[str, list[str]]:
    return rule_words(parse_rule(json.dumps(new_value_rule(**changes)), "rule.json"))


THRESHOLD = {"learningMethod": "threshold"}
BASELINE = {"instantaneousBaseline": True}
FIXED = {"forgetMode": "fixed"}
ANY = {"multiValue": "any"}


@pytest.mark.parametrize(
    ("changes", "heading", "said"),
    [
        ({}, "sees", "all item usages, sign-ins and audit events"),
        ({"query": "@evt.type:1password-item-usages"}, "sees", "item usages where @evt.type is 1password-item-usages"),
        ({"query": "@a:(x OR y*) -@b:z @c:*"}, "sees", "where @a is x or like y*, @b is not z, @c is present"),
        ({"query": "-@c:* NOT @d:(x OR y)"}, "sees", "where @c is absent, @d is not x or y"),
        ({"query": "@a:x OR @b:y"}, "sees", "that match the query `@a:x OR @b:y`"),
        ({"query": "(@a:x) AND (@a:x AND -@b:z)"}, "sees", "where @a is x, @b is not z; "),
        ({}, "sees", "all other records are ignored: nothing is learned from them"),
        ({}, "new is", "what is known of one @usr.email does not count for another"),
        ({"query": "@evt.type:other"}, "sees", "no 1Password records, only Datadog logs where @evt.type is other"),
        ({"filters": [{"action": "require", "query": "@a:x"}]}, "sees", "where @a is x"),
        ({"filters": [{"action": "suppress", "query": "@a:x"}]}, "leaves out", "events where @a is x"),
        ({}, "leaves out", "events without @usr.email; events without @evt.name"),
        ({"metrics": ("@a", "@b")}, "leaves out", "events without @a or @b"),
        ({"metrics": ("@a", "@b"), "assumptions": ANY}, "leaves out", "events with none of @a or @b"),
        ({"group_by": ()}, "leaves out", "events without @evt.name"),
        ({"query_fields": {"hasOptionalGroupByFields": True}}, "new is", "N/A stands in for @usr.email where"),
        ({}, "new is", "a value of @evt.name that the same @usr.email did not have within 28 days before"),
        ({"forget": 1}, "new is", "within 1 day before"),
        ({"group_by": ()}, "new is", "a value of @evt.name that no event had, whoever's, within 28 days before"),
        ({"group_by": ("@a", "@b")}, "new is", "that the same @a and @b did not have"),
        ({"metrics": ("@a", "@b")}, "new is", "a combination of @a and @b that"),
        ({"metrics": ("@a", "@b"), "assumptions": ANY}, "new is", "a value of @a or @b, each by itself, that"),
        ({"assumptions": FIXED}, "new is", "was not learned for the same @usr.email within 28 days before"),
        ({"assumptions": FIXED}, "forgets", "28 days after it was learned, however often it was seen since"),
        ({}, "forgets", "a value 28 days after it was last seen"),
        ({"new_value": THRESHOLD}, "learns", "nothing in advance"),
        (
            {"new_value": {**THRESHOLD, "learningThreshold": 1}},
            "learns",
            "from the first event of each @usr.email only",
        ),
        ({"learn": 0}, "learns", "from the first event of each @usr.email only"),
        ({"learn": 7}, "learns", "for 7 days from the rule's start"),
        ({"learn": 7, "assumptions": {"learningScope": "group"}}, "learns", "for 7 days from the first event of each"),
        ({"learn": 7}, "learns", "events from before the rule was enabled are not seen"),
        (
            {"learn": 7, "new_value": BASELINE},
            "learns",
            "events of the 7 days before the rule was enabled are learned without a match",
        ),
        ({"learn": 0, "new_value": BASELINE}, "learns", "instantaneousBaseline changes nothing"),
        ({"keep_alive": 0}, "signals", "each match is a signal of its own"),
        (
            {"keep_alive": 600},
            "signals",
            "of the same @usr.email if it comes within 10 minutes of its last match and 1 day of",
        ),
        ({"group_by": (), "keep_alive": 3600}, "signals", "joins the signal of the rule if it comes within 1 hour"),
        ({}, "signals", "severity medium"),
        ({"options": {"decreaseCriticalityBasedOnEnv": True}}, "signals", "severity medium; one level lower where env"),
        (
            {"suppressionQuery": "@a:x"},
            "signals",
            "matches where @a is x become no signal; their values are learned all the same",
        ),
        ({"learn": 7}, "rests on", "learningScope rule: learning runs on one clock for all; "),
        ({"learn": 7, "assumptions": {"learningScope": "group"}}, "rests on", "runs on a clock for each group; "),
        ({"learn": 0}, "rests on", "one clock for all, without effect here"),
        ({"learn": 7}, "rests on", "exactly at the end of learning is judged, not learned"),
        ({"assumptions": FIXED}, "rests on", "forgetMode fixed: only learning it again restarts the time"),
        ({"assumptions": FIXED}, "rests on", "exactly 28 days after it was learned, a value is already forgotten"),
        (
            {"metrics": ("@a", "@b"), "assumptions": ANY},
            "rests on",
            "each by itself, and one new value is enough for a match; ",
        ),
        ({"isEnabled": False}, "warnings", "the rule is disabled"),
    ],
)
def test_each_knob_is_told_as_it_stands(changes: dict[str, Any], heading: str, said: str) -> None:
    assert said in "; ".join(words(**changes)[heading])


def test_a_field_that_is_given_twice_is_named_once() -> None:
    told = words(metrics=("@a", "@a"), group_by=("@a",))
    assert told["leaves out"] == ["events without @a"]
    assert told["new is"][0].startswith("a value of @a that the same @a did not have")

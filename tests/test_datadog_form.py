"""A rule in Datadog's form reads back as the rule that it was."""

import json
from typing import Any

from builders import new_value_rule
from hypothesis import given
from hypothesis import strategies as st

from detector.datadog import datadog_form
from detector.rules import FORGET_MODES, LEARNING_SCOPES, MULTI_VALUES, parse_rule, shipped_rule


def test_the_shipped_rule_is_spelt_out() -> None:
    form = datadog_form(shipped_rule())
    assert form["queries"][0]["groupByFields"] == ["@usr.email"]
    assert form["options"]["newValueOptions"] == {
        "forgetAfter": 28,
        "learningMethod": "duration",
        "learningDuration": 7,
        "learningThreshold": 0,
        "instantaneousBaseline": False,
    }
    assert "assumptions" not in form


@given(
    st.fixed_dictionaries(
        {
            "group_by": st.sampled_from([(), ("@usr.email",), ("@a", "@b")]),
            "metrics": st.sampled_from([("@evt.name",), ("@a", "@b")]),
            "forget": st.integers(1, 30),
            "learn": st.integers(0, 30),
            "keep_alive": st.sampled_from([0, 600]),
            "query_fields": st.fixed_dictionaries({"hasOptionalGroupByFields": st.booleans()}),
            "new_value": st.fixed_dictionaries(
                {
                    "learningMethod": st.sampled_from(["duration", "threshold"]),
                    "learningThreshold": st.integers(0, 1),
                    "instantaneousBaseline": st.booleans(),
                }
            ),
            "assumptions": st.fixed_dictionaries(
                {
                    "learningScope": st.sampled_from(LEARNING_SCOPES),
                    "forgetMode": st.sampled_from(FORGET_MODES),
                    "multiValue": st.sampled_from(MULTI_VALUES),
                }
            ),
            "options": st.fixed_dictionaries({"decreaseCriticalityBasedOnEnv": st.booleans()}),
            "filters": st.lists(
                st.fixed_dictionaries({"action": st.sampled_from(["require", "suppress"]), "query": st.just("@a:x")})
            ),
            "dataExclusionQuery": st.sampled_from([None, "@b:y"]),
            "suppressions": st.lists(st.fixed_dictionaries({"suppressionQuery": st.just("@c:z")}), max_size=2),
            "isEnabled": st.booleans(),
        }
    )
)
def test_datadogs_form_of_any_rule_reads_back_as_that_rule(changes: dict[str, Any]) -> None:
    rule = parse_rule(json.dumps(new_value_rule(**changes)), "x.json")
    assert parse_rule(json.dumps(datadog_form(rule)), "x.json") == rule

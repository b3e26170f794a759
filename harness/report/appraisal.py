"""A scorecard with the gates that were set on it, in every format of `score`."""

from collections.abc import Sequence

from harness.gates.gates import Verdict
from harness.output import json_text
from harness.plain import in_markdown
from harness.report.gates import gates_markdown, gates_shown, gates_suite, gates_text
from harness.report.junit import junit_xml
from harness.report.text import scorecard_table
from harness.scorecard import Scorecard


def appraisal_text(card: Scorecard, verdicts: Sequence[Verdict], chosen: str) -> str:
    """The card, and after it the gates, as ``table``, ``json`` or ``markdown``."""
    if chosen == "json":
        return json_text({**card.shown(), "gates": gates_shown(verdicts)}).decode()
    if chosen == "markdown":
        return appraisal_markdown(card, verdicts)
    return "\n\n".join(filter(None, [scorecard_table(card), gates_text(verdicts)]))


def appraisal_markdown(card: Scorecard, verdicts: Sequence[Verdict]) -> str:
    """The gates first, which a pipeline's reader looks for, and the card as it stands in a terminal."""
    title = f"### vaultdrill: {in_markdown(card.rule)}"
    return "\n\n".join(filter(None, [title, gates_markdown(verdicts), f"```text\n{scorecard_table(card)}\n```"]))


def gates_junit(verdicts: Sequence[Verdict]) -> bytes:
    """The gates as JUnit XML."""
    return junit_xml([gates_suite(verdicts)])

"""`vaultdrill compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.base_rate_option import base_rate_option
from harness.output import json_text
from harness.rule_options import chosen_rule
from harness.stream_options import chosen_streams, stream_options

if TYPE_CHECKING:
    from detector.rules import NewValueRule

SHIPPED: Final = "shipped"


@click.command(epilog="Example: vaultdrill compare shipped rule.yaml --seeds 10 --format markdown")
@click.argument("first_rule", metavar="RULE_A")
@click.argument("second_rule", metavar="RULE_B")
@stream_options
@base_rate_option
@click.option(
    "--format", "chosen", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.pass_context
def compare(
    ctx: click.Context, /, first_rule: str, second_rule: str, base_rate: float, chosen: str, **streams: Any
) -> None:
    """Two rules on the same streams: each figure of both, and whether the difference is more than chance.

    A rule is a file (Datadog's JSON, YAML, or Elastic's TOML), or `shipped`. Both see the same people and the same
    incidents; the interval of a difference is paired, so that what both do alike cancels out.
    """
    from harness.comparing.compare import compare as compared
    from harness.report.compare import comparison_markdown, comparison_text

    rules = _rule(first_rule), _rule(second_rule)
    comparison = compared((first_rule, second_rule), rules, chosen_streams(ctx, **streams), base_rate)
    if chosen == "json":
        click.echo(json_text(comparison.shown()))
    else:
        click.echo((comparison_markdown if chosen == "markdown" else comparison_text)(comparison))


def _rule(named: str) -> "NewValueRule":
    return chosen_rule(None if named == SHIPPED else Path(named))

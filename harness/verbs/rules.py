"""`vaultdrill rules`."""

import os
from pathlib import Path

import click

from detector.rules import load_rule, shipped_path
from harness.output import json_text

_FILE = click.Path(path_type=Path, dir_okay=False)
_RULES = click.argument("files", nargs=-1, type=_FILE, metavar="[RULE]...")


@click.group(epilog="Example: vaultdrill rules show")
@click.pass_context
def rules(ctx: click.Context) -> None:
    """What a rule does, and what a reviewer would say of it.

    A rule is a file: Datadog's JSON, the same in YAML, or a new_terms rule of Elastic's in TOML.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org: any text but the empty one
        ctx.color = False


@rules.command(
    short_help="What a rule does, in plain words.",
    epilog="Example: vaultdrill rules show my-rule.toml --format datadog",
)
@click.argument("file", required=False, type=_FILE, metavar="[RULE]")
@click.option("--format", "chosen", type=click.Choice(["text", "json", "datadog"]), default="text", show_default=True)
def show(file: Path | None, chosen: str) -> None:
    """What a rule sees, what is new to it, how it learns and forgets, and what it leaves out or takes for granted.

    Without RULE, the shipped one. As `datadog`, the rule itself in Datadog's JSON, whatever form it is written in.
    """
    from detector.datadog import datadog_form
    from harness.report.rules import rule_json, rule_text

    rule = load_rule(file or shipped_path())
    if chosen == "text":
        click.echo(rule_text(rule))
    else:
        click.echo(json_text(rule_json(rule) if chosen == "json" else datadog_form(rule)))


@rules.command(
    short_help="What a reviewer would say of a rule.",
    epilog="Example: vaultdrill rules lint my-rule.yaml --on company",
)
@_RULES
@click.option(
    "--on",
    "sources",
    multiple=True,
    metavar="FILE|DIR",
    help="Also count the rule's keys in these records, as `detect` reads them; may be given several times.",
)
@click.option("--format", "chosen", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def lint(ctx: click.Context, files: tuple[Path, ...], sources: tuple[str, ...], chosen: str) -> None:
    """What a reviewer would say: one line `file:line: code: message` for each finding.

    Without RULE, of the shipped one. Ends with 1 if there are findings, with 2 if a file is no rule at all.
    """
    from detector.lint import UNREADABLE
    from harness.report.rules import lint_json, lint_text
    from harness.rule_review import review

    reviewed = [review(file, sources) for file in files or (shipped_path(),)]
    findings = [finding for each in reviewed for finding in each.findings]
    statistics = [each.statistics for each in reviewed if each.statistics]
    if chosen == "json":
        click.echo(json_text(lint_json(findings, statistics)))
    elif text := lint_text(findings, statistics):
        click.echo(text)
    ctx.exit(2 if any(each.code == UNREADABLE for each in findings) else bool(findings))

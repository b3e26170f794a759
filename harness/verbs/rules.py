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

    As `json`: `name` and `severity`; `words`, the sentences by heading (`sees`, `leaves_out`, `new_is`, `learns`,
    `forgets`, `signals`, `rests_on`, `warnings`, `imported`), of which a heading without any is left out; `meaning`,
    what decides verdicts and signals; `assumptions` (`learningScope`, `forgetMode`, `multiValue`), what Datadog's
    documentation leaves open.
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
    """What a reviewer would say: `file:line: code: message` for each finding.

    Without RULE, of the shipped one. Ends with 1 if there are findings, with 2 if a file is no rule at all; such a
    file has its line on standard error, and the other files are reviewed all the same.

    As `json`: `findings`, each with `path`, `line`, `code` and `message`, those of files that are no rule included
    (code `unreadable`); `statistics`, with --on one for each rule: its `path` and name (`rule`), the records `read`
    and `selected`, how many were `ignored` for which reason, the `days` they span, `groups` and `keys` (a group with
    a value), `keys_once` (seen in one event) and `once_share` (of all keys), `late_keys` (first seen in the last
    quarter of the time), `growth` (those, of what steady growth brings: 1 is steady, 0 is none),
    `late_keys_a_day`, `late_keys_an_event`, `keys_an_event`, `state_bytes` (in a store, if nothing is forgotten), and
    for each of the rule's `fields` its number of `values` and how many of them are seen `once`.
    """
    from harness.report.rules import lint_json, lint_text
    from harness.rule_review import review

    reviews = [review(file, sources) for file in files or (shipped_path(),)]
    for each in reviews:
        if each.refused:
            click.echo(f"vaultdrill: {each.refused}", err=True)
    if chosen == "json":
        click.echo(json_text(lint_json(reviews)))
    elif text := lint_text(reviews):
        click.echo(text)
    ctx.exit(2 if any(each.refused for each in reviews) else int(any(each.findings for each in reviews)))

"""`vaultdrill scenarios`."""

import os

import click

from harness.output import json_text
from harness.scenario_filter import filter_option

_PATHS = click.argument("references", nargs=-1, metavar="[ID|FILE|DIR]...")


@click.group(epilog="Example: vaultdrill scenarios show attacks/bulk-export")
@click.pass_context
def scenarios(ctx: click.Context) -> None:
    """What can be staged: attacks and their harmless look-alikes, one YAML file each.

    A scenario is named by its id in the library, or by its file; a directory stands for the files in it.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org: any text but the empty one
        ctx.color = False


@scenarios.command(
    "list",
    short_help="Id, kind, name and techniques of each.",
    epilog="Example: vaultdrill scenarios list --filter technique=T1555.005",
)
@_PATHS
@filter_option
@click.option("--format", "chosen", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_scenarios(references: tuple[str, ...], filters: tuple[str, ...], chosen: str) -> None:
    """Id, kind, name and ATT&CK techniques; in JSON also tactics, cases and the twin."""
    from harness.report.scenarios import scenarios_json, scenarios_table
    from harness.scenario_filter import filtered
    from scenarios.scenario import case_ids, find

    found = filtered(find(references or ["all"]), filters)
    if chosen == "json":
        click.echo(json_text(scenarios_json(found, {name: case_ids(name, each) for name, each in found.items()})))
    else:
        click.echo(scenarios_table(found))


@scenarios.command(
    short_help="One of them, with its story and its timeline.",
    epilog="Example: vaultdrill scenarios show 'attacks/bulk-export[items=5]'",
)
@click.argument("reference", metavar="ID|FILE")
@click.option("--format", "chosen", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
def show(reference: str, chosen: str) -> None:
    """One scenario: its story, who plays it and when, what can be varied, its steps as a timeline.

    In YAML as it is written; in JSON with every field spelt out and the arguments filled in.
    """
    from harness.report.scenarios import scenario_json, scenario_text
    from scenarios.scenario import case_ids, files, find

    for name, scenario in find([reference]).items():
        if chosen == "json":
            click.echo(json_text(scenario_json(name, scenario)))
        elif chosen == "text":
            click.echo(scenario_text(name, scenario, case_ids(name, scenario)))
    for path in files([reference]).values() if chosen == "yaml" else ():
        click.echo(path.read_text(encoding="utf-8"), nl=False)


@scenarios.command(
    short_help="What a reviewer would say of the files.",
    epilog="Example: vaultdrill scenarios lint my-scenarios --format github",
)
@_PATHS
@click.option("--format", "chosen", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.pass_context
def lint(ctx: click.Context, references: tuple[str, ...], chosen: str) -> None:
    """What a reviewer would say: one line `file:line: code: message` for each finding.

    Without a path, of the library. Ends with 1 if there are findings, with 2 if a file is no scenario at all.
    """
    from harness.report.findings import findings_github, findings_json, findings_text
    from scenarios.lint import UNREADABLE, reviewed_files
    from scenarios.lint import lint as reviewed

    findings = reviewed(reviewed_files(references or ["all"]))
    if chosen == "json":
        click.echo(json_text(findings_json(findings)))
    elif findings:
        click.echo(findings_text(findings) if chosen == "text" else findings_github(findings))
    ctx.exit(2 if any(each.code == UNREADABLE for each in findings) else bool(findings))


@scenarios.command(
    short_help="The JSON Schema of the files, for editors.",
    epilog="Example: vaultdrill scenarios schema > scenario.schema.json",
)
@click.option(
    "--of",
    "name",
    type=click.Choice(["scenario", "expectations"]),
    default="scenario",
    show_default=True,
    help="Which files it is for.",
)
def schema(name: str) -> None:
    """The JSON Schema of the files, for editors."""
    from scenarios.schema import schema as made

    click.echo(json_text(made(name)))

"""The options that say which rule runs and how, the same for every verb that runs one over sources."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from detector.document import RuleError
from detector.rules import FORGET_MODES, LEARNING_SCOPES, MULTI_VALUES, NewValueRule, load_rule, shipped_rule
from harness.instant import to_instant

_FILE = click.Path(path_type=Path, dir_okay=False)


_ONE = click.option(
    "--rule", "rule_file", type=_FILE, metavar="FILE", help="Datadog's rule JSON, YAML, or Elastic's TOML.  [shipped]"
)
_SEVERAL = click.option(
    "--rule",
    "rule_files",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help="Datadog's rule JSON, YAML, or Elastic's TOML; may be given many times.  [shipped]",
)
_KNOBS = (
    click.option(
        "--enabled-at",
        metavar="TIME",
        callback=to_instant,
        help="When the rule was enabled.  [the first selected event]",
    ),
    click.option("--learning-scope", type=click.Choice(LEARNING_SCOPES), help="Whose clock learning runs on."),
    click.option("--forget-mode", type=click.Choice(FORGET_MODES), help="Whether seeing a value again refreshes it."),
    click.option("--multi-value", type=click.Choice(MULTI_VALUES), help="Several metrics: one tuple, or any of them."),
)


def rule_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--rule`, `--enabled-at` and the knobs to a verb: `rule_file`, `enabled_at`, and what `chosen_rule` takes."""
    return _with((_ONE, *_KNOBS), verb)


def rules_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a verb that runs several rules: `rule_files`, `enabled_at`, and what `chosen_rules` takes."""
    return _with((_SEVERAL, *_KNOBS), verb)


def chosen_rules(rule_files: Sequence[Path], **knobs: str | None) -> list[NewValueRule]:
    """The rules that the options describe, the shipped one if none is named. Raises `RuleError`."""
    rules = [chosen_rule(path, **knobs) for path in rule_files or (None,)]
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RuleError(f"--rule: found {twice!r} twice; legal: rules of different names, which their signals bear")
    return rules


def chosen_rule(
    rule_file: Path | None,
    learning_scope: str | None = None,
    forget_mode: str | None = None,
    multi_value: str | None = None,
) -> NewValueRule:
    """The rule that the options describe; each warning about it is told on standard error. Raises `RuleError`."""
    knobs = {"learning_scope": learning_scope, "forget_mode": forget_mode, "multi_value": multi_value}
    given: dict[str, Any] = {name: value for name, value in knobs.items() if value}
    rule = replace(load_rule(rule_file) if rule_file else shipped_rule(), **given)
    for warning in rule.warnings():
        click.echo(f"warning: {warning}", err=True)
    return rule


def _with(options: Sequence[Callable[..., Any]], verb: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        verb = option(verb)
    return verb

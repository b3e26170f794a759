"""The command `vaultdrill`: its verbs, and what a user is told when something is wrong."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import click

VERBS: Final = {
    "demo": "The whole story in seconds: company, attacks, rule, scorecard.",
    "simulate": "Write a dataset: a company's 1Password records, and attacks on it.",
    "describe": "What 1Password records show of their people, and how far two datasets differ.",
    "fit": "An organisation's profile from real 1Password records, with nobody's name in it.",
    "scenarios": "What can be staged: list, show, lint.",
    "inject": "Weave attacks and look-alikes into a dataset, or into real 1Password logs.",
    "detect": "1Password records in, signals or matches out.",
    "explain": "Why an event was new, known, learned or ignored: all that the rule knew then.",
    "state": "What a store remembers: what is known of whom, and until when.",
    "stores": "Where a rule's memory can be kept: what --store takes: list.",
    "bench": "How fast it is on this machine: baseline stores under a rule's load.",
    "rules": "What a rule does, and what a reviewer would say of it: show, lint.",
    "test": "Scenarios against a rule, pass or fail: what it owes each, on several companies.",
    "score": "Signals and a dataset's ground truth in, a scorecard out.",
    "compare": "Two rules on the same streams: what each finds and costs, and what is more than chance.",
    "sweep": "One rule under many settings: which is worth changing to, and what that hangs on.",
}
"""Each verb with its line in `--help`, which must not wait for the verb's imports."""


class Verbs(click.Group):
    """A group that imports a verb's module only when the verb is used."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """The context of a call; `--help` is printed here."""
        with _reader_may_leave():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb."""
        with _reader_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Verbs in the order in which a newcomer meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb's own command."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"harness.verbs.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The verbs with their lines, without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="vaultdrill")
def vaultdrill() -> None:
    """Fire drills for one detection: Datadog's New Value rule on 1Password item usage.

    \b
    Example:
      vaultdrill demo
      vaultdrill simulate --profile startup-50 --days 42 --seed 7 --scenario all --out company
      vaultdrill detect company --summary summary.json --out signals.ndjson
      vaultdrill score --signals signals.ndjson --dataset company --summary summary.json

    Exit codes: 0 done, 1 a gate failed or an expectation was not met, 2 the tool could not do its work.
    """  # noqa: D301 - click wants the character


def main() -> None:
    """Run the command; a user's mistake is one line on stderr and exit code 2, never a traceback."""
    _end_in_order()
    try:
        sys.exit(vaultdrill.main(prog_name="vaultdrill", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.ClickException as error:
        _refuse(error.format_message())
    except click.Abort:
        sys.exit(130)
    except MemoryError:
        _refuse("not enough memory for this; legal: fewer people, or a smaller profile")
    except OSError as error:
        _refuse(f"{error.filename or 'output'}: {error.strerror or error}")
    except ValueError as error:
        if not _is_users(error):
            raise
        _refuse(str(error))


def _end_in_order() -> None:
    """End with 128 and a signal's number where one asks us to, so that what is half-written is removed."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # `nohup` wants to be left alone
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # a terminal that closes may say so twice; once is enough to tidy up
    sys.exit(128 + number)


def _is_users(error: ValueError) -> bool:
    """Whether the error is one of the project's own: a mistake in what the user gave, told in one line."""
    return type(error).__module__.partition(".")[0] in ("simulator", "detector", "scenarios", "harness")


def _refuse(line: str) -> None:
    click.echo(f"vaultdrill: {line}", err=True)
    sys.exit(2)


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """End quietly when the reader of our output has seen enough (click would end with 1, a gate's failure)."""
    try:
        yield
    except BrokenPipeError:
        # What is still buffered must go somewhere at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)

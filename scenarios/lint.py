"""Lint: what a reviewer would say of scenario files, with file, line and a code for each sort of finding."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from scenarios.document import ScenarioError
from scenarios.lints.conduct import conduct
from scenarios.lints.form import form
from scenarios.lints.page import Finding, Page
from scenarios.lints.provenance import provenance
from scenarios.lints.twins import twins
from scenarios.lints.variation import variation
from scenarios.lints.wording import wording
from scenarios.reference import scenario_files
from scenarios.scenario import Scenario, files, library, load_scenario
from scenarios.template import Template

UNREADABLE: Final = "unreadable"
"""The code of a file that cannot be played at all."""

CODES: Final[Mapping[str, str]] = {
    UNREADABLE: "The file is no scenario.",
    "attack-without-technique": "An attack names no ATT&CK technique.",
    "benign-with-technique": "A look-alike names ATT&CK tactics or techniques.",
    "broken-case": "A case gives an argument a value with which the scenario cannot be played.",
    "detector-word": "The text speaks of what a detector does: learning, forgetting, baselines, newness.",
    "equal-case": "A case plays what the defaults or another case play.",
    "field-order": "The fields of the file are not in the usual order.",
    "file-name": "The name of the file is not lower-case words with dashes.",
    "impossible-client": "An action is done with a client that cannot do it.",
    "impossible-sign-in": "A sign-in ends in a way that its type excludes.",
    "long-name": "The name is longer than a line of a table, or ends with a full stop.",
    "no-reference": "Nothing but ATT&CK, or nothing at all, makes the scenario defensible.",
    "no-schema": "The first line does not tell editors which schema the file follows.",
    "no-such-twin": "The twin does not exist.",
    "one-sided-twin": "The twin does not name this scenario back.",
    "pointless-field": "A field changes nothing.",
    "real-address": "An IP address belongs to somebody.",
    "real-domain": "A domain belongs to somebody who is not among the references.",
    "repeated-reference": "A reference is given twice.",
    "repeated-step": "A step is written twice.",
    "short-story": "The story is too short to say what happens and what a defender sees.",
    "step-order": "The steps are not in order of time.",
    "stray-reference": "A reference is about an ATT&CK technique that the scenario does not name.",
    "tactic-without-technique": "No technique of the scenario serves the tactic.",
    "technique-without-tactic": "A technique serves none of the tactics that the scenario names.",
    "twin-of-same-kind": "Both twins are attacks, or both are look-alikes.",
    "unknown-attack-id": "An ATT&CK tactic or technique is unknown.",
    "unregistered-device": "A strange device signs in and is not registered.",
    "unsigned-device": "A strange device acts before it has signed in.",
    "unused-argument": "An argument is declared and never used.",
    "wrong-folder": "An attack among the look-alikes, or the other way round.",
}
"""The codes of findings, each with what it says."""


def lint(files: Iterable[tuple[str, Path]]) -> list[Finding]:
    """Return what there is to say of the scenario *files*, given with their ids, in order of file and line.

    Twins are looked for among them, where their ids say beside them, and in the library. A file that cannot be played
    has one finding, `UNREADABLE`.
    """
    pages, findings = [], []
    for name, path in files:
        try:
            pages.append(Page(name, Template.read(path), load_scenario(path)))
        except ScenarioError as error:
            findings.append(_unreadable(path, str(error)))
    shipped = {name: path for name, path in library().items() if any(page.scenario.twin == name for page in pages)}
    others = {**_played(shipped), **_played(_siblings(pages)), **{page.id: page.scenario for page in pages}}
    for page in pages:
        findings += _review(page, others)
    return sorted(set(findings))


def reviewed_files(references: Iterable[str]) -> list[tuple[str, Path]]:
    """Return id and file of what *references* name, for `lint`: a file whose name can be no id is among them.

    Raise `ScenarioError` for a reference that names nothing.
    """
    return [pair for reference in references for pair in _reviewed(reference, Path(reference))]


def _reviewed(reference: str, path: Path) -> Iterable[tuple[str, Path]]:
    if path.is_dir() and reference != "all":
        held = [(_id(each), each) for each in scenario_files(path)]
        if not held:
            raise ScenarioError(f"{path}: found no YAML file in it; legal: a directory with scenarios")
        return held
    return [(_id(path), path)] if path.is_file() else files([reference]).items()


def _id(path: Path) -> str:
    return f"{path.resolve().parent.name}/{path.stem}"


def _review(page: Page, others: Mapping[str, Scenario]) -> Iterator[Finding]:
    yield from form(page)
    yield from wording(page)
    yield from provenance(page)
    yield from variation(page)
    yield from conduct(page)
    yield from twins(page, others)


def _siblings(pages: Iterable[Page]) -> dict[str, Path]:
    """Return the twins' files as they lie beside those of *pages*: in the same folder or in one next to it."""
    named = {
        page.scenario.twin: page.template.document.path.resolve().parents[1] for page in pages if page.scenario.twin
    }
    found = {twin: above / f"{twin}.yaml" for twin, above in named.items()}
    return {twin: path for twin, path in found.items() if path.is_file()}


def _played(files: Mapping[str, Path]) -> dict[str, Scenario]:
    """Return those scenarios among *files* that can be played."""
    found = {}
    for name, path in files.items():
        try:
            found[name] = load_scenario(path)
        except ScenarioError:
            continue
    return found


def _unreadable(path: Path, said: str) -> Finding:
    line, message = re.fullmatch(r"(?::(\d+))?: (.*)", said.removeprefix(str(path)), re.DOTALL).groups()  # type: ignore[union-attr]
    return Finding(path, int(line or 1), UNREADABLE, message)

"""What is installed: four packages with their types and data, and versions that anyone can pin."""

import re
import tomllib
from importlib import import_module, metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[1]
PACKAGES = ["simulator", "detector", "scenarios", "harness"]
PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
PINS = (REPOSITORY / "constraints.txt").read_text("utf-8").splitlines()


def pinned() -> dict[str, str]:
    return {canonicalize_name(name): version for name, _, version in (pin.partition("==") for pin in PINS)}


def declared() -> list[Requirement]:
    """What the project asks for, extras and build included, but not itself."""
    project = PROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    wanted = map(Requirement, [*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]])
    return [requirement for requirement in wanted if requirement.name != project["name"]]


def needed() -> dict[str, list[Requirement]]:
    """Everything that is needed by what is declared, as far as it is installed: name to who wants which version."""
    found: dict[str, list[Requirement]] = {}
    waiting = declared()
    while waiting:
        wanted = waiting.pop()
        known = found.setdefault(canonicalize_name(wanted.name), [])
        if wanted in known:
            continue
        known.append(wanted)
        waiting += [needs for needs in requirements(wanted.name) if applies(needs, wanted.extras or {""})]
    return found


def requirements(name: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return []


def applies(needs: Requirement, extras: set[str]) -> bool:
    return needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in extras)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_imported_from_this_repository_and_is_typed(package: str) -> None:
    origin = import_module(package).__file__
    assert origin == str(REPOSITORY / package / "__init__.py")
    assert (files(package) / "py.typed").is_file()


def test_the_wheel_holds_the_four_packages_and_the_command() -> None:
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == PACKAGES
    (command,) = metadata.entry_points(group="console_scripts", name="vaultdrill")
    assert callable(command.load())


def test_the_installed_distribution_is_this_project() -> None:
    assert metadata.version("vaultdrill") == PROJECT["project"]["version"]


@pytest.mark.parametrize("pin", PINS)
def test_a_constraint_is_a_name_and_a_version_and_nothing_else(pin: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==\d+(\.\d+)*((a|b|rc|\.post|\.dev)\d+)?", pin)


def test_every_name_is_pinned_once() -> None:
    assert len(pinned()) == len(PINS)


def test_every_dependency_and_what_it_needs_is_pinned_within_its_bounds() -> None:
    pins = pinned()
    unpinned = {name for name in needed() if name not in pins}
    assert unpinned == set()
    outside = [str(r) for name, wanted in needed().items() for r in wanted if pins[name] not in r.specifier]
    assert outside == []


def test_core_stays_small() -> None:
    core = {Requirement(line).name for line in PROJECT["project"]["dependencies"]}
    assert core == {
        "backports.zstd",
        "click",
        "faker",
        "holidays",
        "luqum",
        "msgspec",
        "numpy",
        "pyyaml",
        "rich",
        "tabulate",
        "tzdata",
    }


def test_the_shipped_profiles_are_found_as_resources() -> None:
    names = {path.name for path in (files("simulator") / "profiles").iterdir()}
    assert names == {"startup-50.yaml", "midsize-1000.yaml", "enterprise-20000.yaml"}


def test_the_shipped_rule_and_scenarios_are_found_as_resources() -> None:
    rules = [path.name for path in (files("detector") / "data").iterdir()]
    assert "onepassword-unusual-item-usage.json" in rules
    for folder, kind in (("attacks", "attack"), ("benign", "benign")):
        documents = [yaml.safe_load(path.read_text("utf-8")) for path in (files("scenarios") / folder).iterdir()]
        assert documents
        assert {document["kind"] for document in documents} == {kind}

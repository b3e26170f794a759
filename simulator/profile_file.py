"""Profiles as YAML files: beside each figure stand its unit and its source.

``name`` and ``description`` are plain texts. Each other field of `Profile` is a mapping of ``value``, ``unit`` (the
field's own, so that nobody mistakes minutes for days) and ``source``: a citation, ``assumption``, ``assumption: why``,
or ``fitted: from what``.
"""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from textwrap import indent
from typing import Any, Final, NamedTuple

import msgspec
import yaml
from msgspec import inspect

from simulator.document import Document
from simulator.profile import Profile
from simulator.profile_rules import conflict, units
from simulator.shape import Mismatch, misfit, misnamed, shown

_SUFFIX = ".yaml"
_PLAIN: Final = ("name", "description")
_FIGURE: Final = {"value": "the figure", "unit": "its unit", "source": "where it is from"}
_SOURCE = "a citation, assumption, assumption: why, or fitted: from what"
_WIDTH = 120


class ProfileError(ValueError):
    """A profile cannot be used; the text is one line with file, line, field, found and legal."""


class ProfileFile(NamedTuple):
    """A profile, and where each of its figures is from, by the name of the field."""

    profile: Profile
    sources: dict[str, str]


def shipped_profiles() -> tuple[str, ...]:
    """Return the names of the profiles that come with the package, smallest company first.

    >>> shipped_profiles()
    ('startup-50', 'midsize-1000', 'enterprise-20000')
    """
    names = [each.name.removesuffix(_SUFFIX) for each in _shipped().iterdir() if each.name.endswith(_SUFFIX)]
    return tuple(sorted(names, key=lambda name: int(name.rpartition("-")[2])))


def load_profile(name_or_path: str) -> Profile:
    """Return the shipped profile of that name, or the one in that file; raise `ProfileError`.

    >>> load_profile("startup-50").people
    50
    """
    return read_profile(name_or_path).profile


def read_profile(name_or_path: str) -> ProfileFile:
    """Return the same as `load_profile`, with the sources; raise `ProfileError`.

    >>> read_profile("startup-50").sources["people"]
    'assumption: the size that the name says'
    """
    text = _text(name_or_path)
    try:
        document = Document.parse(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        line = mark.line + 1 if mark else 1
        raise ProfileError(f"{name_or_path}:{line}: document: found {problem}; legal: YAML") from error
    wrong = _misfit(document.value)
    if not wrong:
        figures = {name: document.value[name]["value"] for name in units()}
        plain = {name: document.value[name] for name in _PLAIN}
        profile = msgspec.convert(plain | figures, Profile)
        wrong = conflict(profile)
    if wrong:
        raise ProfileError(f"{name_or_path}:{document.line(wrong.keys)}: {wrong}")
    return ProfileFile(profile, {name: document.value[name]["source"] for name in units()})


def dump_profile(profile: Profile, sources: Mapping[str, str], header: str = "") -> str:
    """Return the YAML that `load_profile` reads back as *profile*, below *header* as a comment.

    *sources* says of each figure where it is from; raise `ProfileError` where it does not.
    """
    builtins = msgspec.to_builtins(profile)
    silent = next((name for name in units() if not sources.get(name, "").strip()), None)
    if silent:
        raise ProfileError(f"sources: {silent}: found nothing; legal: {_SOURCE}")
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
    plain = "".join(_yaml({name: builtins[name]}) for name in _PLAIN)
    figures = [
        f"{name}:\n" + indent(_yaml({"value": builtins[name]}) + _yaml({"unit": unit, "source": sources[name]}), "  ")
        for name, unit in units().items()
    ]
    return "\n".join(part for part in (comment, plain, *figures) if part)


class _Dumper(yaml.SafeDumper):
    """Writes a value that occurs twice twice, rather than once and then a reference to it."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _yaml(mapping: dict[str, Any]) -> str:
    """Return a line or more for each key; lists and mappings within are in brackets, where they hold no others."""
    nested = any(isinstance(value, dict | list | tuple) for value in mapping.values())
    flow = None if nested else False
    return yaml.dump(
        mapping, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=flow
    )


def _shipped() -> Traversable:
    return files("simulator") / "profiles"


def _text(name_or_path: str) -> str:
    names = shipped_profiles()
    if name_or_path in names:
        return (_shipped() / (name_or_path + _SUFFIX)).read_text(encoding="utf-8")
    legal = f"{', '.join(names)}, or a YAML file"
    path = Path(name_or_path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if path.suffix or len(path.parts) > 1:
            raise ProfileError(f"{path}: found no such file; legal: {legal}") from error
        raise ProfileError(f"profile: found {shown(name_or_path)}; legal: {legal}") from error
    except OSError as error:
        raise ProfileError(f"{path}: found no readable file ({error.strerror}); legal: {legal}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: found bytes that are not text; legal: YAML in UTF-8") from error


def _misfit(value: object) -> Mismatch | None:
    """Return the first part of the document *value* that is not of a profile's form, or None."""
    shape = inspect.type_info(Profile)
    assert isinstance(shape, inspect.StructType)
    names = [field.encode_name for field in shape.fields]
    if not isinstance(value, dict):
        return Mismatch((), shown(value), "a mapping of the fields of a profile")
    needs = dict.fromkeys(names, f"a mapping of {', '.join(_FIGURE)}") | dict.fromkeys(_PLAIN, "a text")
    if wrong := misnamed(value, (), needs, names):
        return wrong
    for field in shape.fields:
        name, found = field.encode_name, value[field.encode_name]
        wrong = misfit(field.type, found, (name,)) if name in _PLAIN else _misfit_of_figure(field, found)
        if wrong:
            return wrong
    return None


def _misfit_of_figure(field: inspect.Field, value: object) -> Mismatch | None:
    name = field.encode_name
    if not isinstance(value, dict):
        return Mismatch((name,), shown(value), f"a mapping of {', '.join(_FIGURE)}")
    if wrong := misnamed(value, (name,), _FIGURE, list(_FIGURE)):
        return wrong
    if value["unit"] != units()[name]:
        return Mismatch((name, "unit"), shown(value["unit"]), units()[name])
    source = value["source"]
    if not isinstance(source, str) or not source.strip():
        return Mismatch((name, "source"), shown(source), _SOURCE)
    return misfit(field.type, value["value"], (name, "value"))

"""Kinds of stores as rows: what each is, what it promises, and what has to be installed for it."""

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from detector.stores.base import StoreError
from detector.stores.kinds import SUMMARIES, StoreKind, known_schemes, store_kind


class KindRow(NamedTuple):
    """Stores that are the same but for the schemes of their URLs."""

    schemes: tuple[str, ...]
    """The one to use, and its other names."""
    summary: str
    """What it is; nothing where it is another package's, and that cannot be loaded."""
    durability: Mapping[str, str]
    """What the URL parameter `durability` may be, the default first, and what each promises; empty where its
    driver is missing, which would have to tell."""
    needs: str | None
    """What to install, or why it cannot be loaded; None where it is ready."""


def kind_rows() -> list[KindRow]:
    """Every kind of store there is, ours first, then those of other packages; neighbours that are alike are one."""
    told = ((scheme, _loaded(scheme)) for scheme in known_schemes())
    return [_row(tuple(scheme for scheme, _ in alike), *found) for found, alike in groupby(told, itemgetter(1))]


def _loaded(scheme: str) -> tuple[StoreKind | None, str | None]:
    try:
        return store_kind(scheme), None
    except StoreError as error:
        return None, str(error).removeprefix(f"--store: {scheme}: ")


def _row(schemes: tuple[str, ...], kind: StoreKind | None, needs: str | None) -> KindRow:
    if kind is None:
        return KindRow(schemes, SUMMARIES.get(schemes[0], ""), {}, needs)
    return KindRow(schemes, kind.summary, kind.settings, None)

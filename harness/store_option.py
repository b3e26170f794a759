"""The option `--store` of a verb that runs several rules: a store for each of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import combinations
from pathlib import Path
from typing import Protocol, runtime_checkable

import click

from detector.rules import NewValueRule
from detector.shard import Shard
from detector.stores.held import HeldStore
from detector.stores.urls import open_store, store_path, store_scheme
from harness.order import Post
from harness.overwriting import same_file
from harness.releasing import released


@runtime_checkable
class ChoosyStore(Protocol):
    """A store that cannot serve every rule, as it does not keep all that was put into it."""

    def suits(self, rule: NewValueRule) -> None:
        """Raise `StoreError` where the rule needs more than the store keeps."""


def store_urls(given: Sequence[str], rules: int) -> Sequence[str]:
    """The store of each of so many rules, in memory where none is given. Raises `click.UsageError`."""
    if not given:
        return ("memory:",) * rules
    if len(given) != rules:
        raise click.UsageError(f"--store: found {len(given)}; legal: one for each --rule ({rules})")
    kept = [(url, path) for url in given if (path := store_path(url)) is not None]
    for (one, path), (other, its) in combinations(kept, 2):
        if same_file(path, its):
            raise click.UsageError(f"--store: found {one} and {other}, which are one store; legal: one for each --rule")
    return given


def store_files(urls: Sequence[str]) -> Iterator[Path]:
    """The files of the stores, and those that SQLite keeps beside them while somebody writes."""
    for path in filter(None, map(store_path, urls)):
        yield from (path.with_name(f"{path.name}{ending}") for ending in ("", "-wal", "-shm", "-journal"))


def posts(
    ending: ExitStack, rules: Sequence[NewValueRule], urls: Sequence[str], shard: Shard | None = None
) -> list[Post]:
    """Each rule with its store, which is written to until *ending* ends, and keeps nothing if that fails.

    Of a store on a server it is that of the *shard*: the workers of all shards have the same URLs.
    """
    found = [_post(ending, rule, url, shard) for rule, url in zip(rules, urls, strict=True)]
    ending.enter_context(released(found))
    return found


def _post(ending: ExitStack, rule: NewValueRule, url: str, shard: Shard | None) -> Post:
    store = ending.enter_context(closing(open_store(url, shard)))
    if isinstance(store, ChoosyStore):
        store.suits(rule)
    if not store.durability.lasts:
        return Post(rule, store, store_scheme(url), url)
    return Post(rule, HeldStore(store), store_scheme(url), url, store)

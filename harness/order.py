"""An order to detect: which rules over which sources, from which state; and how it is carried out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from detector.reading import Complaint
from detector.rules import NewValueRule
from detector.stores.base import BaselineStore, StoreError
from harness.detection import Decided
from harness.summary import Summary


class OrderError(ValueError):
    """The order cannot be carried out; the text is one line."""


class Post(NamedTuple):
    """A rule, and the store that remembers for it."""

    rule: NewValueRule
    store: BaselineStore
    store_name: str
    url: str = "memory:"

    @property
    def lasts(self) -> bool:
        """Whether what is committed outlives the run."""
        return self.store.durability != "none"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be detected."""

    sources: Sequence[str]
    posts: Sequence[Post]
    sort: bool = False
    enabled_at: int | None = None
    complain: Complaint | None = None
    """Hears of each unreadable record; without it the first one stops the run."""

    @property
    def pipe(self) -> str | None:
        """The first source that can be read only once."""
        return next(filter(_is_pipe, self.sources), None)

    @contextmanager
    def opening(self, post: Post) -> Iterator[None]:
        """Name the store that is refused where there are several."""
        try:
            yield
        except StoreError as error:
            if len(self.posts) == 1:
                raise
            raise StoreError(f"--store: {post.url}: {str(error).removeprefix('--store: ')}") from None

    def complaint(self, place: int) -> Complaint | None:
        """Who hears of unreadable records when they are read for the rule at *place*: each is told of once."""
        return self.complain if place == 0 or self.complain is None else lambda _: None


class Run(Protocol):
    """An order that is being carried out."""

    @property
    def read(self) -> int:
        """How many records were read so far."""

    def decided(self) -> Iterator[tuple[int, Decided]]:
        """What was decided, with the place of its rule; the last of each rule holds its open signals."""

    def summaries(self) -> list[Summary]:
        """Counts and pace of each rule."""


def _is_pipe(name: str) -> bool:
    path = Path(name)
    return name == "-" or (path.exists() and not path.is_file() and not path.is_dir())

"""An order to detect: which rules over which sources, from which state; and how it is carried out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from detector.clock import read_clock
from detector.progress import Progress
from detector.reading import Complaint
from detector.rules import NewValueRule
from detector.shard import Shard
from detector.stores.base import BaselineStore, StoreError
from detector.stores.store_url import StoreUrl
from detector.stores.urls import store_path
from harness.detection import Decided
from harness.journal import Journal
from harness.stages import Stages
from harness.summary import Summary


class OrderError(ValueError):
    """The order cannot be carried out; the text is one line."""


class Post(NamedTuple):
    """A rule, and the store that remembers for it."""

    rule: NewValueRule
    store: BaselineStore
    """Commits to it are held back until the run has ended well."""
    store_name: str
    url: str = "memory:"
    """It may hold a password; `shown` does not."""
    at_once: BaselineStore | None = None
    """The store behind it, where commits count at once; None if nothing outlives the run."""

    @property
    def shown(self) -> str:
        """The store's URL without its secrets, with its name on a server."""
        return StoreUrl.of(self.url).named()

    @property
    def place(self) -> str:
        """What tells the store from all others."""
        path = store_path(self.url)
        return self.shown if path is None else str(path.resolve())

    @property
    def lasts(self) -> bool:
        """Whether what is committed outlives the run."""
        return self.store.durability.lasts


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be detected."""

    sources: Sequence[str]
    posts: Sequence[Post]
    sort: bool = False
    enabled_at: int | None = None
    complain: Complaint | None = None
    """Hears of each unreadable record; without it the first one stops the run."""
    shard: Shard | None = None
    """The part of the groups that is decided; None: all."""
    lateness: int | None = None
    """How late events come at most, in nanoseconds, if that was promised: values are dropped then."""
    journal: Journal | None = None
    """Where the results go if the run can be resumed."""
    emit: str = "signals"
    abandon: bool = False
    """Whether a run that was interrupted is left as it is."""
    stages: Stages = field(default_factory=Stages)
    """Hears what the run's reading and deciding took."""

    def asked(self) -> dict[str, str]:
        """What must be the same for an interrupted run to go on, by option."""
        assert self.journal is not None
        from scenarios.duration import Duration  # loads much else

        promised = {} if self.lateness is None else {"--allowed-lateness": Duration(self.lateness).written}
        return {
            "sources": " ".join(self.sources),
            "--out": str(self.journal.out.resolve()),
            "--emit": self.emit,
            "--sort": "yes" if self.sort else "no",
            **promised,
        }

    def interrupted(self) -> Progress | None:
        """The first run that was interrupted over one of the stores, and is not abandoned."""
        for post in () if self.abandon else self.posts:
            with self.opening(post):
                clock = read_clock(post.store)
            if clock is not None and clock.progress is not None and not clock.progress.ended:
                return clock.progress
        return None

    def ended(self) -> Progress | None:
        """The run that has ended over the only store, if it was asked for as this one is."""
        clock = read_clock(self.posts[0].store)
        before = None if clock is None or self.abandon else clock.progress
        return before if before is not None and before.ended and before.order == self.asked() else None

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
            raise StoreError(f"--store: {post.shown}: {str(error).removeprefix('--store: ')}") from None

    def complaint(self, place: int) -> Complaint | None:
        """Who hears of unreadable records when they are read for the rule at *place*: each is told of once."""
        return self.complain if place == 0 or self.complain is None else lambda _: None


class Run(Protocol):
    """An order that is being carried out."""

    @property
    def journal(self) -> Journal | None:
        """Where its results have to go, if it can be resumed."""

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

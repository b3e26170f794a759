"""The same work shared by processes: what they make comes in order, its large parts through memory that they share."""

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread, current_thread, main_thread
from typing import Any, Generic, NamedTuple, TypeVar

Task = TypeVar("Task")
Made = TypeVar("Made")

_SPARE = 1  # tasks that may be ready or wait, besides those at work
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
_ALIGNED = 64  # bytes, what Arrow asks of memory


class WorkersError(ValueError):
    """The processes that share the work cannot go on; the text is one line."""


class Workers(Generic[Task, Made]):
    """Do tasks with what *open_shop* returns: once in this process for one worker, else once in each of *count*."""

    def __init__(self, count: int, open_shop: Callable[[], Callable[[Task], Made]]) -> None:
        self._count = count
        self._open_shop = open_shop

    def make(self, tasks: Sequence[Task]) -> Iterator[Made]:
        """Yield what is made of each of *tasks*, in their order, with at most a few ready or at work at once.

        Between processes it is pickled. Its buffers, as `pickle.PickleBuffer` has them, may come back as
        memory to read only. Raise WorkersError when a process ends before its work does.
        """
        if self._count == 1:
            yield from map(self._open_shop(), tasks)
            return
        trays = [_Tray() for _ in range(self._count + _SPARE + 1)] if hasattr(os, "memfd_create") else []
        try:
            yield from self._shared(tasks, trays)
        except BrokenProcessPool:
            legal = "fewer workers, or a smaller task"
            raise WorkersError(f"workers: found one killed, perhaps for want of memory; legal: {legal}") from None
        finally:
            for tray in trays:
                tray.close()

    def _shared(self, tasks: Sequence[Task], trays: list["_Tray"]) -> Iterator[Made]:
        opened: Any = (self._open_shop, _Inherited([tray.file for tray in trays]))
        initializer: Any = _open  # what arrives there is not `_Inherited` any more
        pool = ProcessPoolExecutor(self._count, get_context("spawn"), initializer=initializer, initargs=opened)
        flying: deque[tuple[Future[_Parcel], _Tray | None]] = deque()
        with pool:
            try:
                for task in tasks:
                    number, tray = next(((at, tray) for at, tray in enumerate(trays) if tray.take()), (None, None))
                    with _signals_later():  # it starts the workers
                        flying.append((pool.submit(_make, task, number), tray))
                    if len(flying) >= self._count + _SPARE:
                        yield _landed(*flying.popleft())
                while flying:
                    yield _landed(*flying.popleft())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _signals_later() -> Iterator[None]:
    """Handle signals when the block ends: a worker whose start is cut short complains, or waits for work for ever."""
    heard: list[int] = []
    handlers: dict[int, Any] = {}
    for name in _ENDING if current_thread() is main_thread() else ():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and callable(signal.getsignal(number)):
            handlers[number] = signal.signal(number, lambda received, _: heard.append(received))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number in heard:
        signal.raise_signal(number)


class _Parcel(NamedTuple):
    """Something pickled, and where on a tray each of its buffers begins and ends."""

    data: bytes
    spans: list[tuple[int, int]]


class _Tray:
    """A file in memory, which a worker writes and we read without a copy; used again once nobody reads it any more."""

    def __init__(self) -> None:
        self.file = os.memfd_create("tray")
        self._taken = False
        self._seen: mmap | None = None

    def take(self) -> bool:
        """Return whether the tray was free, and from now on it is not."""
        if self._seen is not None and _closed(self._seen):
            self._seen, self._taken = None, False
        free, self._taken = not self._taken, True
        return free

    def see(self, parcel: _Parcel) -> list[memoryview]:
        """Return the buffers of *parcel*; the tray is free when the last of them is gone."""
        if not parcel.spans:
            self._taken = False
            return []
        self._seen = mmap(self.file, parcel.spans[-1][1], access=ACCESS_READ)
        whole = memoryview(self._seen)
        return [whole[begin:end] for begin, end in parcel.spans]

    def close(self) -> None:
        """Give up the file; what is still read stays."""
        os.close(self.file)


def _closed(seen: mmap) -> bool:
    try:
        seen.close()
    except BufferError:  # somebody reads it
        return False
    return True


def _landed(future: Future[_Parcel], tray: _Tray | None) -> Any:
    parcel = future.result()
    return pickle.loads(parcel.data, buffers=None if tray is None else tray.see(parcel))  # noqa: S301 - our own


class _Inherited:
    """Open files that a process hands to those it spawns."""

    def __init__(self, files: list[int]) -> None:
        self._files = files

    def __reduce__(self) -> tuple[Any, ...]:
        from multiprocessing.reduction import DupFd

        return _Received, ([DupFd(file) for file in self._files],)


class _Received(list[int]):
    def __init__(self, files: list[Any]) -> None:
        super().__init__(file.detach() for file in files)


_closed_shops: list[Callable[[], Callable[[Any], Any]]] = []  # of a worker process: its own until its first task
_shops: list[Callable[[Any], Any]] = []
_trays: list[int] = []


def _open(open_shop: Callable[[], Callable[[Any], Any]], trays: list[int]) -> None:
    Thread(target=_follow_parent, daemon=True).start()
    # Ctrl-C or a closed terminal ends the work from the parent; workers that heard it too would break the pool.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _trays.extend(trays)
    _closed_shops.append(open_shop)


def _follow_parent() -> None:
    """End this process as soon as its parent has ended, however that happened."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _make(task: Any, tray: int | None) -> _Parcel:
    """Return what is made of *task*: its buffers on *tray*, if there is one."""
    if not _shops:  # opened with a task, whose failure is told; one before all tasks would only break the pool
        _shops.append(_closed_shops[0]())
    made = _shops[0](task)
    if tray is None:
        return _Parcel(pickle.dumps(made, protocol=5), [])
    laid = _Laid(_trays[tray])
    return _Parcel(pickle.dumps(made, protocol=5, buffer_callback=laid.append), laid.spans)


class _Laid:
    """Buffers written to a *file* one after another while something is pickled, so that each can be let go at once."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.spans: list[tuple[int, int]] = []

    def append(self, buffer: pickle.PickleBuffer) -> bool:
        """Write *buffer* behind the others; return whether pickle has to hold its bytes all the same."""
        begin = at = -(-self.spans[-1][1] // _ALIGNED) * _ALIGNED if self.spans else 0
        rest = buffer.raw()
        try:
            while rest:
                written = os.pwrite(self._file, rest, at)
                rest, at = rest[written:], at + written
        except OSError:  # a limit to files is one to trays too; it is for the dataset to tell of it
            return True
        self.spans.append((begin, at))
        return False

"""A connection to PostgreSQL that does not wait for ever: libpq has no limit for an answer.

A server that hangs still acknowledges what reaches its machine, so neither TCP keepalive nor `tcp_user_timeout` ends
such a wait.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg

CONNECT_SECONDS: Final = 10
"""How long a server may take to let one in, where neither URL nor environment says."""
ANSWER_SECONDS: Final = 60
"""How long the server may be silent over one statement; a batch is many times faster."""
_Result = TypeVar("_Result")


class PatientConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that raises `psycopg.OperationalError`, and is closed, after a silence of `patience` seconds."""

    patience: float

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.patience = ANSWER_SECONDS

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Wait as long as it takes: for statements that go through whole tables."""
        self.patience, before = float("inf"), self.patience
        try:
            yield
        finally:
            self.patience = before

    def wait(self, gen: Generator[Any, Any, _Result], *arguments: Any, **options: Any) -> _Result:
        """What *gen* comes to, which asks the server; psycopg calls it for every exchange."""
        return super().wait(self._in_time(gen), *arguments, **options)

    def _in_time(self, gen: Generator[Any, Any, _Result]) -> Generator[Any, Any, _Result]:
        """*gen*, which psycopg lets go on without news every now and then."""
        heard = monotonic()
        try:
            awaited = next(gen)
            while True:
                news = yield awaited
                if news:
                    heard = monotonic()
                elif monotonic() - heard > self.patience:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("no answer in time")
                awaited = gen.send(news)
        except StopIteration as ended:
            result: _Result = ended.value
            return result

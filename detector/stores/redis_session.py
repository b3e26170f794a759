"""Talking to a Valkey or Redis server over one connection, and telling in one line what goes wrong.

The driver's connection is used bare: its client would send a transaction again that may have been applied, and its
pipelines repeat what they sent in what they raise.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, TypeAlias

from redis import exceptions
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.retry import Retry

from detector.stores.base import StoreError
from detector.stores.redis_url import RedisAddress

Command: TypeAlias = Sequence[bytes | str | int]

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 60
"""How long one answer may take: the server applies a whole commit before it answers."""
_COMMAND: Final = re.compile(r"'([a-z|]+)' command")


class RedisSession:
    """One connection, which opens with the first question and again after the server closed it while nothing was asked.

    Every method raises `StoreError`, and so does whatever was asked when the server goes away: nothing is sent twice.
    A server that once did not answer in time is not asked again.
    """

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._met = False
        self._hangs = False
        self._connection: Any = _connection(address)

    def wake(self) -> None:
        """Connect again if the server has closed the connection since the last answer."""
        with self._told():
            try:
                if self._met and self._connection.can_read():
                    self._connection.disconnect()
            except (exceptions.RedisError, OSError):
                self._connection.disconnect()

    def ask(self, *commands: Command) -> list[Any]:
        """The answers to the commands, sent in one go; the first that is an error is raised once all are there."""
        with self._told():
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            answers = [self._answer() for _ in commands]
            self._met = True
            for answer in chain(answers, *(each for each in answers if isinstance(each, list))):
                if isinstance(answer, Exception):  # within a list, one of a transaction
                    raise answer
            return answers

    def refusal(self, why: str) -> StoreError:
        """An error about this store."""
        return StoreError(f"{self._address.shown}: {why}")

    def close(self) -> None:
        """Hang up."""
        self._connection.disconnect()

    def _answer(self) -> Any:
        try:
            return self._connection.read_response()
        except exceptions.ResponseError as error:
            return error

    @contextmanager
    def _told(self) -> Iterator[None]:
        if self._hangs:  # another wait would be as long
            raise self.refusal(self._why(TimeoutError()))
        try:
            yield
        except (exceptions.RedisError, OSError, UnicodeError, ValueError) as error:
            if not isinstance(error, exceptions.ResponseError):
                self._connection.disconnect()  # an answer may still be under way
            self._hangs = _is_silence(error)
            raise self.refusal(self._why(error)) from None

    def _why(self, error: Exception) -> str:
        if isinstance(error, exceptions.AuthenticationError):
            return "the server refused user or password; legal: those in the URL, or a password in REDISCLI_AUTH"
        if isinstance(error, exceptions.BusyLoadingError):
            return "the server is still loading its data; legal: to run again when it has"
        if isinstance(error, exceptions.NoPermissionError) or "NOPERM" in str(error):  # EXEC quotes it
            command = _COMMAND.search(str(error))
            return f"the user may not run {command[1].upper() if command else 'a command that a store needs'}"
        if isinstance(error, exceptions.ResponseError):
            return f"cannot be used as a store ({self._harmless(str(error))})"
        reason = _reason(error)
        if self._met:
            return f"the server went away ({reason}); legal: to run again, which goes on after the last commit"
        return f"the server cannot be reached ({reason})"

    def _harmless(self, text: str) -> str:
        for secret in (self._address.password, self._address.user):
            if secret:
                text = text.replace(secret, "...")
        return " ".join(text.split())[:200]


def _connection(address: RedisAddress) -> Any:  # the driver does not type its connections
    options: dict[str, Any] = {
        "db": address.database,
        "username": address.user,
        "password": address.password,
        "protocol": 2,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    unix: Any = UnixDomainSocketConnection
    plain: Any = Connection
    if address.socket is not None:
        return unix(path=address.socket, **options)
    options |= {"host": address.host, "port": address.port, "socket_connect_timeout": CONNECT_SECONDS}
    if not address.tls:
        return plain(socket_keepalive=True, **options)
    files = {"ssl_ca_certs": address.ca, "ssl_certfile": address.cert, "ssl_keyfile": address.key}
    secured: Any = _SecuredConnection
    return secured(socket_keepalive=True, **files, **options)


class _SecuredConnection(SSLConnection):
    """Waits for the server's half of the handshake as for the connection: a server without TLS says nothing at all."""

    def _wrap_socket_with_ssl(self, sock: Any) -> Any:
        sock.settimeout(CONNECT_SECONDS)
        secured = super()._wrap_socket_with_ssl(sock)  # type: ignore[no-untyped-call, unused-ignore]
        secured.settimeout(ANSWER_SECONDS)
        return secured


def _is_silence(error: BaseException) -> bool:
    return isinstance(error, TimeoutError | exceptions.TimeoutError)


def _reason(error: BaseException) -> str:
    """What the system says of it; the driver's own text may quote what it was given."""
    if _is_silence(error):
        return "no answer in time"
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.strerror:
            return " ".join(below.strerror.split())
        below = below.__cause__ or below.__context__
    return "the connection was closed"

"""Who may write: the value of a store's writer key, which every commit compares and changes.

It names the server's run, the writer's connection there and the writer, and counts its commits. So a writer notices
that another took over, and also that the server was restarted from data older than the last commit.
"""

from secrets import token_hex
from typing import Any, Final, NamedTuple

from detector.stores.redis_session import Command, RedisSession
from detector.stores.redis_shards import RedisShards
from detector.stores.redis_view import RedisKeys, is_there
from detector.stores.store_name import StoreName

_TAKEN: Final = "another run is writing to this store; legal: one writer at a time"
_ATTEMPTS: Final = 100
"""How often writers of other shards may begin while this one does."""
_LOST: Final = (
    "another run took the store over, or the server lost commits; legal: to run again, which goes on after the last"
)


class _Claim(NamedTuple):
    run: bytes
    client: bytes
    token: bytes
    commits: bytes

    def told(self) -> bytes:
        return b" ".join(self)


class RedisClaim:
    """The right to write to the store, of which the session is a client.

    A holder counts as alive while its server still has its connection: after a crash that is over at once, after
    a power loss when TCP keepalive notices (`CLIENT KILL ID` is sooner). Raises `StoreError` where there is another.
    """

    def __init__(self, session: RedisSession, name: StoreName) -> None:
        self._session = session
        self._keys = RedisKeys.of(name)
        self._shards = RedisShards(session, name)
        self._token = token_hex(8).encode()
        self._held: bytes | None = None
        self._next: bytes | None = None

    def take(self, create: list[Command]) -> bool:
        """Become the writer, with *create* applied where there is no store; whether that was so.

        Raises `StoreError` also where a store would begin beside one that is divided into shards otherwise.
        """
        for _ in range(_ATTEMPTS):
            is_new = self._try(create)
            if is_new is not None:
                return is_new
        raise self._session.refusal(_TAKEN)

    def _try(self, create: list[Command]) -> bool | None:
        """As `take`; None where another writer came in between, who may be that of another shard."""
        self._session.ask(("WATCH", *self._keys, *self._shards.watched))
        is_new = not is_there(self._session, self._keys)
        if is_new:
            self._shards.refuse_conflict()
            create = [*create, *self._shards.enter()]
        run, client, held = self._facts()
        if held is not None and self._is_alive(held, run):
            raise self._session.refusal(_TAKEN)
        claim = _Claim(run, client, self._token, b"0").told()
        done = self._session.ask(("MULTI",), *(create if is_new else ()), ("SET", self._keys.writer, claim), ("EXEC",))
        if done[-1] is None:
            return None
        self._held = claim
        return is_new

    def guard(self) -> Command:
        """Watch the store's keys until the next EXEC; the command to have within it, so that the claim goes on.

        Raises `StoreError` where the claim is no longer held, or the keys are no store's.
        """
        self._session.wake()
        self._session.ask(("WATCH", *self._keys))
        is_whole = is_there(self._session, self._keys)
        run, client, held = self._facts()
        if not is_whole or held is None or held != self._held:
            raise self._session.refusal(_LOST)
        commits = int(held.split()[-1]) + 1
        self._next = _Claim(run, client, self._token, b"%d" % commits).told()
        return "SET", self._keys.writer, self._next

    def confirm(self, applied: object) -> None:
        """Go on after the EXEC whose answer was *applied*. Raises `StoreError` where it was not applied."""
        if applied is None:
            raise self._session.refusal(_LOST)
        self._held = self._next

    def release(self, withdraw: list[bytes]) -> None:
        """Let the next one write, and remove the keys *withdraw*; nothing where the claim is no longer held."""
        if self._held is None:
            return
        self.guard()
        leave = self._shards.leave() if withdraw else []
        self._session.ask(("MULTI",), ("DEL", self._keys.writer, *withdraw), *leave, ("EXEC",))
        self._held = None

    def _facts(self) -> tuple[bytes, bytes, bytes | None]:
        server, client, held = self._session.ask(("INFO", "server"), ("CLIENT", "ID"), ("GET", self._keys.writer))
        return info(server)["run_id"].encode(), b"%d" % client, held

    def _is_alive(self, held: bytes, run: bytes) -> bool:
        try:
            holder = _Claim(*held.split(b" "))
            client = int(holder.client)
        except (TypeError, ValueError):
            raise self._session.refusal("its writer key is not ours; legal: a vaultdrill store") from None
        return holder.run == run and bool(self._session.ask(("CLIENT", "LIST", "ID", client))[0].strip())


def info(answer: Any) -> dict[str, str]:
    r"""The facts of an INFO.

    >>> info(b"# Server\r\nrun_id:1f\r\n")
    {'run_id': '1f'}
    """
    lines = (line.partition(":") for line in answer.decode(errors="replace").splitlines() if ":" in line)
    return {name: value.strip() for name, _, value in lines}

"""What a Valkey or Redis server promises of a commit that it has acknowledged, asked of itself."""

from collections.abc import Mapping
from typing import Final

from detector.stores.base import Durability, StoreError
from detector.stores.redis_claim import info
from detector.stores.redis_session import RedisSession

SETTINGS: Final[Mapping[str, str]] = {
    "server": "acknowledged as the server is configured",
    "fsync": "acknowledged when the server's log is on its disk (needs an append-only file)",
}
SYNC_MILLISECONDS: Final = 30_000
"""How long a commit waits for the disk; with `appendfsync everysec` that is up to two seconds."""


def durability(session: RedisSession, setting: str) -> Durability:
    """What *setting* promises on this server.

    Its append-only file is written before a commit is acknowledged, and synced then with `appendfsync always`. Raises
    `StoreError` where the server evicts what it holds, and where it cannot do *setting*.
    """
    told = info(session.ask(("INFO", "persistence"))[0])
    _refuse_eviction(session)
    has_log = told.get("aof_enabled") == "1"
    if setting == "server":
        return Durability(setting, process=True, server=has_log, power=has_log and _syncs_always(session))
    if not has_log:
        raise session.refusal("durability: found fsync and a server without append-only file; legal: appendonly yes")
    try:
        session.ask(("WAITAOF", 1, 0, 1))
    except StoreError:
        raise session.refusal("durability: found fsync and a server without WAITAOF; legal: 7.2 and later") from None
    return Durability(setting, process=True, server=True, power=True)


def _refuse_eviction(session: RedisSession) -> None:
    told = info(session.ask(("INFO", "memory"))[0])
    policy = told.get("maxmemory_policy", "noeviction")
    if told.get("maxmemory", "0") != "0" and policy.startswith("allkeys"):
        raise session.refusal(f"the server evicts what it holds (maxmemory-policy {policy}); legal: noeviction")


def _syncs_always(session: RedisSession) -> bool:
    """Whether it says so; who may not ask is promised nothing."""
    try:
        answers = session.ask(("CONFIG", "GET", "appendfsync"), ("CONFIG", "GET", "no-appendfsync-on-rewrite"))
    except StoreError:
        return False
    found = dict(answers)
    return found == {b"appendfsync": b"always", b"no-appendfsync-on-rewrite": b"no"}

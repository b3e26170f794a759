"""A Valkey or Redis server as the benchmark sees it."""

from contextlib import closing

from detector.stores.redis_claim import RedisClaim, info
from detector.stores.redis_session import RedisSession
from detector.stores.redis_url import RedisAddress
from detector.stores.redis_view import RedisKeys, is_there
from detector.stores.store_url import StoreUrl


class RedisServer:
    """The server of a store's URL; each question has a connection of its own. Raises `StoreError`."""

    def __init__(self, url: StoreUrl) -> None:
        self._address = RedisAddress.of(url)
        self._keys = RedisKeys.of(self._address.store)

    def version(self) -> str | None:
        """As `INFO server` has it."""
        told = self._told("server")
        if "valkey_version" in told:
            return f"valkey {told['valkey_version']}"
        return f"redis {told['redis_version']}" if "redis_version" in told else None

    def seconds(self) -> float | None:
        """As `INFO cpu` has it: the server's threads, and the children that wrote its files."""
        told = self._told("cpu")
        names = ("used_cpu_user", "used_cpu_sys", "used_cpu_user_children", "used_cpu_sys_children")
        return sum(float(told[name]) for name in names) if all(name in told for name in names) else None

    def has_store(self) -> bool:
        """Whether the store's keys are there; others of its names are refused."""
        with closing(RedisSession(self._address)) as session:
            return is_there(session, self._keys)

    def drop(self) -> None:
        """Delete the store's keys, in one transaction, as its one writer."""
        with closing(RedisSession(self._address)) as session:
            if is_there(session, self._keys):
                claim = RedisClaim(session, self._address.store)
                claim.take([])
                claim.release([self._keys.store, self._keys.groups])

    def _told(self, section: str) -> dict[str, str]:
        with closing(RedisSession(self._address)) as session:
            return info(session.ask(("INFO", section))[0])

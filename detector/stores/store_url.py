"""Store URLs: the parts of `sqlite:///state.db?durability=full`, and what may be shown of them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from detector.shard import Shard
from detector.stores.base import StoreError

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]+(?=:)", re.IGNORECASE)
"""RFC 3986, 3.1, in any case; of two characters or more, since one is a drive of Windows."""


class StoreUrl(NamedTuple):
    """A URL of a store. `whole` may hold a password; nothing else of it does, and nothing but `shown` is printed."""

    scheme: str
    whole: str
    rest: str
    """What follows the scheme's colon, without the parameters."""
    parameters: Mapping[str, str]
    shard: Shard | None = None
    """The part of a store that several workers share; no URL says it."""

    @classmethod
    def of(cls, text: str) -> "StoreUrl":
        """The parts of *text*; a plain path is SQLite's. Raises `StoreError`, which repeats nothing but names.

        >>> StoreUrl.of("lmdb:///dir?durability=sync").parameters
        {'durability': 'sync'}
        >>> StoreUrl.of("state.db").scheme, StoreUrl.of("state.db").path()
        ('sqlite', PosixPath('state.db'))
        """
        found = _SCHEME.match(text)
        if not found and "://" in text:  # ` redis://:secret@host` is no path, which errors would repeat
            raise StoreError("--store: found a malformed URL; legal: SCHEME://... or a path")
        if not found:
            return cls("sqlite", text, f"///{text}" if text else "", {})
        scheme = found.group().lower()
        text = scheme + text[found.end() :]
        rest, _, query = text[len(scheme) + 1 :].partition("?")
        if "@" in query:  # a raw ? in a password: what precedes it would pass for the host, and be shown
            raise StoreError(
                f"--store: {scheme}: found a malformed URL; legal: {scheme}://..., with %40 for @ and %3F for ?"
                " in names and passwords"
            )
        try:
            given = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
        except ValueError:
            raise StoreError(f"--store: {scheme}: found parameters that are not name=value&name=value") from None
        names = [name for name, _ in given]
        if len(set(names)) < len(names):
            raise StoreError(f"--store: {scheme}: found a parameter twice; legal: each once")
        return cls(scheme, text, rest, dict(given))

    def shown(self) -> str:
        """The URL without user, password and parameters.

        >>> StoreUrl.of("redis://ada:secret@host:6379/0?store=a").shown()
        'redis://host:6379/0'
        """
        if self.whole == self.rest.removeprefix("///"):
            return self.whole
        before, at, after = self.rest.rpartition("@")
        return f"{self.scheme}:{'//' if at and before.startswith('//') else ''}{after}"

    def named(self) -> str:
        """The URL as `shown`, with the name that tells one store on a server from another.

        >>> StoreUrl.of("redis://ada:secret@host:6379/0?store=a&durability=fsync").named()
        'redis://host:6379/0?store=a'
        """
        name = self.parameters.get("store")
        return self.shown() if name is None else f"{self.shown()}?store={name}"

    def path(self) -> Path:
        """The path of an embedded store: `///relative`, `////absolute`. Raises `StoreError` where there is none."""
        path = self.rest.removeprefix("///") if self.rest.startswith("///") else ""
        if not path:
            raise StoreError(
                f"--store: {self.scheme}: found no path;"
                f" legal: {self.scheme}:///relative, {self.scheme}:////absolute{self._or_path()}"
            )
        return Path(unquote(path) if "://" in self.whole and "%" in path else path)

    def choice(self, name: str, legal: Mapping[str, object] | tuple[str, ...], default: str) -> str:
        """The parameter *name*, which is one of the *legal*. Raises `StoreError`."""
        found = self.parameters.get(name, default)
        if found not in legal:
            raise StoreError(f"--store: {self.scheme}: {name}: found {found!r}; legal: {', '.join(legal)}")
        return found

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """The parameter *name*, a number within bounds. Raises `StoreError`."""
        text = self.parameters.get(name)
        try:
            found = default if text is None else float(text)
        except ValueError:
            found = float("nan")
        if not least <= found <= most:
            raise StoreError(f"--store: {self.scheme}: {name}: found {text!r}; legal: {least:g} to {most:g}")
        return found

    def only(self, *names: str) -> "StoreUrl":
        """The URL itself, if it has no other parameters than these. Raises `StoreError`."""
        other = next((name for name in self.parameters if name not in names), None)
        if other is not None:
            legal = ", ".join(names) or "none"
            raise StoreError(f"--store: {self.scheme}: found the parameter {other!r}; legal: {legal}")
        return self

    def _or_path(self) -> str:
        return " or a path" if self.scheme == "sqlite" else ""


def host_and_port(url: StoreUrl) -> tuple[str | None, int | None]:
    """Host and port of a server's URL, None where they are not given. Raises `StoreError`.

    >>> host_and_port(StoreUrl.of("redis://ada:secret@localhost:6379/0"))
    ('localhost', 6379)
    """
    try:
        parts = urlsplit(url.whole)
        found = parts.hostname, parts.port
    except ValueError:
        raise StoreError(f"--store: {url.scheme}: found a malformed host or port") from None
    return found

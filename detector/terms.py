"""Terms: what a query may ask of one attribute, each as a test of that attribute's token.

Attribute searches compare whole values and case; text searches look for words and ignore it, as Datadog's log search
does (https://docs.datadoghq.com/logs/explorer/search_syntax/). Every test gets None where the attribute is absent.
"""

import math
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from operator import ge, gt, le, lt
from typing import Final, TypeAlias

from detector.token import Token, token

Test: TypeAlias = Callable[[Token | None], bool]

SEPARATOR: Final = "\x1f"
"""Stands between the values of a record in its searchable text."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMPARE: Final[dict[tuple[str, bool], Callable[[float, float], bool]]] = {
    ("from", True): ge,
    ("from", False): gt,
    ("to", True): le,
    ("to", False): lt,
}


def exists(value: Token | None) -> bool:
    """`@path:*`."""
    return value is not None


def equals(literal: str) -> Test:
    """`@path:literal`: the same string, or the number or boolean that the literal spells.

    >>> equals("5")("5"), equals("5.0")(token(5)), equals("true")(token(True)), equals("Fill")("fill")
    (True, True, True, False)
    """
    accepted = {literal}
    if literal in ("true", "false"):
        accepted.add(f"\0{literal}")
    spelt = number(literal)
    if spelt is not None:
        accepted.add(str(token(int(literal) if literal.lstrip("-").isdecimal() else spelt)))
    return accepted.__contains__


def like(pattern: str) -> Test:
    r"""`@path:pat*ern?` as a regular expression over the whole value (see `wildcard_regex`).

    >>> like(wildcard_regex("1password-*"))("1password-item-usages")
    True
    """
    matches = re.compile(pattern, re.DOTALL).fullmatch
    return lambda value: value is not None and matches(_text(value)) is not None


def compares(side: str, bound: float, inclusive: bool) -> Test:  # noqa: FBT001 - one of the four operators
    """`@path:>=bound` and its like: numbers, and strings that spell one; anything else does not match.

    >>> compares("from", 200, True)(token(200)), compares("from", 200, False)("200"), compares("to", 9, True)("x")
    (True, False, False)
    """
    compare = _COMPARE[side, inclusive]

    def test(value: Token | None) -> bool:
        found = number(_text(value)) if value is not None else None
        return found is not None and compare(found, bound)

    return test


def in_networks(blocks: Sequence[str]) -> Test:
    """`CIDR(@path, block, ...)`: an address in any of the blocks. Raises ValueError on a malformed block.

    >>> in_networks(["192.0.2.0/24"])("192.0.2.7"), in_networks(["2001:db8::/32"])("192.0.2.7")
    (True, False)
    """
    networks: list[IPv4Network | IPv6Network] = [ip_network(block, strict=False) for block in blocks]

    def test(value: Token | None) -> bool:
        try:
            address = ip_address(value or "")
        except ValueError:
            return False
        return any(address in network for network in networks)

    return test


def words(pattern: str) -> Test:
    """A bare term or phrase: whole words of the message (or of one value of a raw record), in any case.

    >>> words("vault export")("Vault-Export done"), words("port")("export")
    (True, False)
    """
    spaced = re.sub(r"(?:\\?[ \t\r\n\f\v])+", lambda _: rf"[^\w{SEPARATOR}]+", pattern)
    found = re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE).search
    return lambda text: text is not None and found(text) is not None


def anywhere(pattern: str) -> Test:
    """`*:term`: the whole value of any attribute, in any case."""
    found = re.compile(rf"(?:^|{SEPARATOR}){pattern}(?:{SEPARATOR}|$)", re.IGNORECASE).search
    return lambda text: text is not None and found(text) is not None


def wildcard_regex(raw: str, many: str = ".*", one: str = ".") -> str:
    r"""The regular expression of a word in which `*` and `?` are wildcards and `\` escapes.

    >>> wildcard_regex(r"a*b\*c")
    'a.*b\\*c'
    """
    parts = re.findall(r"\\.|[*?]|[^\\*?]+|\\", raw, re.DOTALL)
    return "".join(
        {"*": many, "?": one}.get(part) or re.escape(part[1:] if part[0] == "\\" and len(part) > 1 else part)
        for part in parts
    )


def has_wildcard(raw: str) -> bool:
    r"""Whether a word holds an unescaped `*` or `?`.

    >>> has_wildcard("a*"), has_wildcard(r"a\*")
    (True, False)
    """
    return re.search(r"(?<!\\)(?:\\\\)*[*?]", raw) is not None


def unescaped(raw: str) -> str:
    r"""A word or phrase without its escapes.

    >>> unescaped(r"hello\:world")
    'hello:world'
    """
    return re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)


def _text(value: Token) -> str:
    return value[1:] if value[0] == "\0" else value


def number(text: str) -> float | None:
    """The finite number that *text* spells in plain digits, or None.

    >>> number("-1.5e3"), number("1_0"), number("nan")
    (-1500.0, None, None)
    """
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None

"""Values: what a query in KQL compares a field with."""

import re
from typing import Final, NamedTuple

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_BLANKS: Final = {"t": "\t", "r": "\r", "n": "\n"}
_BARE = re.compile(r"\w[\w.@-]*", re.ASCII)
_OPERATORS: Final = ("AND", "OR", "NOT", "TO")


class KqlError(ValueError):
    """The query is no KQL, or asks for something that Datadog's search cannot; the message names it."""


class Value(NamedTuple):
    """What a field is compared with: a text, in which *pattern* says that each NUL stands for any run of characters."""

    text: str
    pattern: bool

    def search(self) -> str:
        r"""The value as Datadog's search has it.

        >>> Value("fill", False).search(), Value("a b", False).search(), Value("se\0 a", True).search()
        ('fill', '"a b"', 'se*\\ a')
        """
        if self.pattern:
            escaped = re.sub(r"[^\w.@\0-]|^-", lambda found: f"\\{found[0]}", self.text)
            return escaped.replace("\0", "*")
        if _BARE.fullmatch(self.text) and self.text.upper() not in _OPERATORS:
            return self.text
        escaped = re.sub(r'["\\]', lambda found: f"\\{found[0]}", self.text)
        return f'"{escaped}"'

    def matches(self, text: str) -> bool:
        r"""Whether a field that holds *text* has this value.

        >>> Value("1password\0", True).matches("1password.item_usages")
        True
        """
        pattern = ".*".join(map(re.escape, self.text.split("\0"))) if self.pattern else re.escape(self.text)
        return re.fullmatch(pattern, text, re.DOTALL) is not None


def unquoted_value(raw: str) -> Value:
    r"""Unquoted text: `\` escapes a sign or a word of KQL's, `*` is a wildcard."""
    parts = re.split(r"((?:\\u[0-9a-fA-F]{4}|\\.)|\*)", raw, flags=re.DOTALL)
    text = "".join("\0" if part == "*" else _ESCAPE.sub(_escaped, part) for part in parts)
    return Value(text, pattern="\0" in text)


def quoted_value(raw: str) -> Value:
    r"""Quoted text: a `\` before anything but a quote, itself or a blank's letter stands for itself."""
    return Value(re.sub(r'\\(u[0-9a-fA-F]{4}|["\\trn])', _escaped, raw[1:-1]), pattern=False)


def _escaped(found: re.Match[str]) -> str:
    escape = found[1]
    if escape == "u0000":
        raise KqlError("the character NUL is not covered")
    return chr(int(escape[1:], 16)) if len(escape) == 5 else _BLANKS.get(escape, escape)

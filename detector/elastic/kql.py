"""KQL: Kibana's query language, as Elastic's rules have it, rewritten as Datadog log search.

Covered is what the two share: `and`, `or`, `not`, parentheses, `field: value`, `field: (a or b)`, quoted text, `*` in
values, numeric ranges, `field: *`. All else is refused by name. `and` binds closer than `or`; words after a field are
one value (https://www.elastic.co/docs/explore-analyze/query-filter/languages/kql). A `?` is an ordinary character.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

_TOKEN = re.compile(
    r'\s*(?:(?P<quoted>"(?:\\.|[^"\\])*")|(?P<sign>[<>]=?|[:(){}])|(?P<word>(?:\\.|[^\s\\():<>"{}])+)|(?P<end>\Z))',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_BLANKS: Final = {"t": "\t", "r": "\r", "n": "\n"}
_BARE = re.compile(r"\w[\w.@-]*", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_OPERATORS: Final = ("AND", "OR", "NOT", "TO")
_OR, _AND, _NOT, _ONE = range(4)
"""How close what is joined so binds."""


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


class Field(NamedTuple):
    """How a field is asked for: `name:` before the values, or where it has no name, a search for each value."""

    name: str | None
    value: Callable[[Value], str]


Fields: TypeAlias = Callable[[str], Field]
"""Finds a field by Elastic's name. Raises `KqlError` where there is none."""


def to_log_search(kql: str, fields: Fields) -> str:
    """Rewrite *kql*; what it asks of no field is refused. Raises `KqlError`.

    >>> to_log_search("a: 1 and not b: (x or y*)", lambda name: Field(f"@{name}", Value.search))
    '@a:1 AND NOT @b:(x OR y*)'
    """
    parser = _Parser(kql, fields)
    try:
        return parser.whole()
    except RecursionError:
        raise KqlError("it is nested too deeply") from None


class _Piece(NamedTuple):
    """Search text and how close it binds."""

    text: str
    binds: int

    def within(self, binds: int) -> str:
        return self.text if self.binds >= binds else f"({self.text})"


_Leaf: TypeAlias = Callable[[], _Piece]


class _Parser:
    """Recursive descent; each step takes its tokens from the front."""

    def __init__(self, kql: str, fields: Fields) -> None:
        self._tokens = _tokens(kql)
        self._at = 0
        self._fields = fields

    def whole(self) -> str:
        if not self._peek()[1]:
            return "*"
        piece = self._either(self._term)
        if self._peek()[1]:
            raise self._unexpected()
        return piece.text

    def _either(self, leaf: _Leaf) -> _Piece:
        return self._joined("or", _OR, lambda: self._joined("and", _AND, lambda: self._negated(leaf)))

    def _joined(self, word: str, binds: int, part: _Leaf) -> _Piece:
        parts = [part()]
        while self._takes("word", word):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        return _Piece(f" {word.upper()} ".join(each.within(binds) for each in parts), binds)

    def _negated(self, leaf: _Leaf) -> _Piece:
        if self._takes("word", "not"):
            return _Piece(f"NOT {self._negated(leaf).within(_ONE)}", _NOT)
        if self._takes("sign", "("):
            inner = self._either(leaf)
            self._close(")")
            return inner
        return leaf()

    def _term(self) -> _Piece:
        kind, name = self._peek()
        if kind != "word":
            raise self._unexpected()
        self._at += 1
        sign = self._peek()
        if name == "*" and sign != ("sign", ":"):
            return _Piece("*", _ONE)
        if sign[0] != "sign" or sign[1] in "(){}":
            raise KqlError(f"a term without a field is not covered: {name[:60]!r}; write field: value")
        self._at += 1
        if name == "*" and self._peek() == ("word", "*"):
            self._at += 1
            return _Piece("*", _ONE)
        if "*" in name:
            raise KqlError(f"a wildcard in a field name is not covered: {name[:60]!r}")
        field = self._fields(_literal(name).text)
        return self._values(field) if sign[1] == ":" else self._range(name, field, sign[1])

    def _values(self, field: Field) -> _Piece:
        if self._peek() == ("sign", "{"):
            raise KqlError("a nested query { } is not covered")
        several = self._peek() == ("sign", "(")
        self._at += several
        piece = self._either(lambda: self._value(field)) if several else self._value(field)
        if several:
            self._close(")")
        if field.name is None:
            return piece
        return _Piece(f"{field.name}:{piece.within(_ONE)}", _ONE)

    def _value(self, field: Field) -> _Piece:
        return _Piece(field.value(self._literal()), _ONE)

    def _range(self, name: str, field: Field, sign: str) -> _Piece:
        bound = self._literal().text
        if field.name is None or not _NUMBER.fullmatch(bound):
            raise KqlError(f"a bound must be a number: found {name} {sign} {bound[:40]!r}")
        return _Piece(f"{field.name}:{sign}{bound}", _ONE)

    def _literal(self) -> Value:
        kind, text = self._peek()
        if kind == "quoted":
            self._at += 1
            return Value(_unquoted(text), pattern=False)
        words = []
        while (token := self._peek())[0] == "word" and token[1] and token[1].lower() not in ("and", "or", "not"):
            words.append(token[1])
            self._at += 1
        if not words:
            raise self._unexpected()
        return _literal(" ".join(words))

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _takes(self, kind: str, text: str) -> bool:
        taken = self._peek()[0] == kind and self._peek()[1].lower() == text
        self._at += taken
        return taken

    def _close(self, sign: str) -> None:
        if not self._takes("sign", sign):
            raise self._unexpected()

    def _unexpected(self) -> KqlError:
        text = self._peek()[1]
        return KqlError(f"{text[:60]!r} is not expected here" if text else "it ends too soon")


def _tokens(kql: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while True:
        found = _TOKEN.match(kql, position)
        if found is None:
            raise KqlError(f"{kql[position : position + 60].strip()!r} cannot be read")
        tokens.append((str(found.lastgroup), str(found[str(found.lastgroup)])))
        position = found.end()
        if found.lastgroup == "end":
            return tokens


def _literal(raw: str) -> Value:
    r"""Unquoted text: `\` escapes a sign or a word of KQL's, `*` is a wildcard."""
    parts = re.split(r"((?:\\u[0-9a-fA-F]{4}|\\.)|\*)", raw, flags=re.DOTALL)
    text = "".join("\0" if part == "*" else _ESCAPE.sub(_escaped, part) for part in parts)
    return Value(text, pattern="\0" in text)


def _unquoted(raw: str) -> str:
    r"""Quoted text: a `\` before anything but a quote, itself or a blank's letter stands for itself."""
    return re.sub(r'\\(u[0-9a-fA-F]{4}|["\\trn])', _escaped, raw[1:-1])


def _escaped(found: re.Match[str]) -> str:
    escape = found[1]
    if escape == "u0000":
        raise KqlError("the character NUL is not covered")
    return chr(int(escape[1:], 16)) if len(escape) == 5 else _BLANKS.get(escape, escape)

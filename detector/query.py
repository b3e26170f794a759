"""Queries: Datadog log search text -> a predicate over a record's attributes.

luqum parses; this module gives the tree Datadog's meaning (https://docs.datadoghq.com/logs/explorer/search_syntax/):
terms side by side mean AND, which binds closer than OR; `/` is an ordinary character; `CIDR(...)` is a function. What
it does not cover is refused by name: a query that silently means something else would make every figure worthless.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from detector import terms
from detector.formula import Asked, Every, Formula, Not, Predicate, Some
from detector.terms import Test
from detector.token import Token

MESSAGE: Final = "message"
"""The field that bare terms search: the log's message; for a raw record, all its values."""
ANYWHERE: Final = "*"
"""The field of `*:term`: every attribute and the message."""

LEGAL_FIELD: Final = "a field name without quotes, backslashes and control characters"


class QueryError(ValueError):
    """The query is not legal, or asks for something that is not covered; the message names it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled query: the *fields* it reads, a predicate over their tokens in that order, and the formula of it."""

    text: str
    fields: tuple[str, ...]
    matches: Predicate
    formula: Formula

    def verdict(self, known: Mapping[str, Token | None]) -> bool | None:
        """Return whether it selects every record of which this is *known*, or none of them: True or False.

        *known* are tokens by field, None for one that is absent. None means that they do not decide it, or that
        nobody can tell without trying (`Formula.verdict`).

        >>> query = compile_query("@evt.type:1password-item* -@evt.name:fill")
        >>> [query.verdict({"@evt.type": type}) for type in ("1password-item-usages", "1password-audit-events")]
        [None, False]
        """
        return self.formula.verdict({place: known[field] for place, field in enumerate(self.fields) if field in known})


def compile_query(text: str) -> Query:
    """Compile *text*; the empty query and `*` select everything. Raises `QueryError`.

    >>> query = compile_query("source:1password @evt.name:(reveal OR export)")
    >>> query.fields
    ('source', '@evt.name')
    >>> query.matches(("1password", "reveal")), query.matches(("1password", "fill"))
    (True, False)
    """
    compiler = _Compiler()
    try:
        formula = compiler.compile(_parse(text)) if text.strip() else _EVERYTHING
        predicate = formula.predicate()
    except RecursionError:
        raise QueryError(f"the query is nested too deeply: {text[:60]!r}") from None
    return Query(text, tuple(compiler.fields), predicate, formula)


def is_field(name: str) -> bool:
    """Whether a record can hold a field of this name.

    >>> is_field("@usr.email"), is_field("@")
    (True, False)
    """
    return re.fullmatch(r'(?!@\Z)[^"\\\x00-\x1f]+', name) is not None


def _parse(text: str) -> Any:
    from luqum.exceptions import ParseError
    from luqum.parser import parser

    prepared = _prepared(text)
    if found := _NOT_CIDR.search(_QUOTED.sub('""', prepared)):
        raise QueryError(f"found {found[0]!r}; legal: CIDR(@path,block,...), unquoted and without a space before '('")
    for refused, why in _REFUSED_TEXT.items():
        if refused in _QUOTED.sub('""', text):
            raise QueryError(f"{why} is not covered; escape it with a backslash or quote it")
    try:
        return parser.parse(prepared)
    except ParseError as error:
        reason = str(error).splitlines()[0].rstrip("!")
        raise QueryError(f"{text[:80]!r} cannot be parsed ({reason})") from None


_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\\.', re.DOTALL)
_REFUSED_TEXT = {"&&": "the operator '&&'", "||": "the operator '||'", "#": "the calculated field prefix '#'"}
_CIDR = re.compile(r"\bCIDR\(([^()]*)\)")
_NOT_CIDR = re.compile(r"\bCIDR\s*\(", re.IGNORECASE)


def _prepared(text: str) -> str:
    """Rewrite, outside quotes, what luqum reads differently from Datadog: `/`, `CIDR(...)`, negative bounds."""
    pieces = []
    position = 0
    for quoted in [*_QUOTED.finditer(text), None]:
        end = quoted.start() if quoted else len(text)
        piece = _CIDR.sub(r'CIDR:"\1"', text[position:end])
        pieces.append(re.sub(r'(CIDR:"[^"]*")|/', lambda m: m[1] or r"\/", piece))
        if quoted:
            pieces.append(quoted[0])
            position = quoted.end()
    return re.sub(r"((?:[<>]=?|[\[{]|TO )\s*)-(?=\d)", r"\1\\-", "".join(pieces))


_EVERYTHING: Final = Every(())


class _Compiler:
    """Walks luqum's tree once, noting the fields that it meets."""

    def __init__(self) -> None:
        self.fields: dict[str, int] = {}

    def compile(self, node: Any, field: str | None = None) -> Formula:
        kind = type(node).__name__
        if field is None and kind == "Word" and node.value == "*":
            return _EVERYTHING
        if kind in ("Word", "Phrase", "Range", "From", "To"):
            return self._on(field or MESSAGE, _test(node, kind, field))
        if kind == "SearchField":
            return self._search_field(node, field)
        if kind in ("Group", "FieldGroup"):
            return self.compile(node.expr, field)
        if kind in ("Not", "Prohibit"):
            return Not(self.compile(node.a, field))
        if kind == "UnknownOperation":
            return Some([self._every(operands, field) for operands in _regrouped(node)])
        if kind == "AndOperation":
            return self._every(node.children, field)
        if kind == "OrOperation":
            return Some([self.compile(child, field) for child in node.children])
        raise QueryError(f"{_NAMES.get(kind, kind)} is not covered: {str(node).strip()[:60]!r}")

    def _search_field(self, node: Any, outer: str | None) -> Formula:
        name = terms.unescaped(node.name)
        if outer is not None:
            found = f"{outer}:{str(node).strip()}"
            raise QueryError(f"an unescaped ':' in a value is not covered: {found[:60]!r}")
        if name == "CIDR":
            return self._cidr(node.expr)
        if type(node.expr).__name__ in ("Prohibit", "Plus", "Not"):
            found = str(node).strip()
            raise QueryError(f"a value that begins with an operator is not covered, escape it: {found[:60]!r}")
        if name.startswith("!"):
            raise QueryError(f"the operator '!' is not covered: {name!r}; write NOT or -")
        if name not in ("*", "@*") and terms.has_wildcard(node.name):
            raise QueryError(f"a wildcard in a field name is not covered: {node.name!r}")
        if not is_field(name):
            raise QueryError(f"found the field {name!r}; legal: {LEGAL_FIELD}")
        return self.compile(node.expr, ANYWHERE if name in ("*", "@*") else name)

    def _cidr(self, node: Any) -> Formula:
        field, *blocks = [part.strip() for part in str(node).strip().strip('"').split(",")]
        if not field or not blocks:
            raise QueryError(f"CIDR takes an attribute and one or more blocks, found CIDR({field})")
        try:
            return self._on(field, terms.in_networks(blocks))
        except ValueError as error:
            raise QueryError(f"CIDR block: {error}") from None

    def _on(self, field: str, test: Test) -> Formula:
        return Asked(self.fields.setdefault(field, len(self.fields)), test)

    def _every(self, nodes: Sequence[Any], field: str | None) -> Formula:
        return Every([self.compile(node, field) for node in nodes])


_NAMES = {
    "Boost": "a boost (^)",
    "Fuzzy": "a fuzzy term (~)",
    "Plus": "a required term (+)",
    "Proximity": "a proximity search (~)",
    "Regex": "a regular expression",
}


def _regrouped(node: Any) -> list[list[Any]]:
    """Terms side by side as alternatives of conjunctions: luqum lets OR bind closer than a missing operator.

    `a b OR c` arrives as `[a, (b OR c)]` and leaves as `[[a, b], [c]]`.
    """
    groups: list[list[Any]] = [[]]
    for child in node.children:
        first, *others = child.children if type(child).__name__ == "OrOperation" else [child]
        groups[-1].append(first)
        groups.extend([other] for other in others)
    return groups


def _test(node: Any, kind: str, field: str | None) -> Test:
    if kind == "Word":
        return _word(node.value, field)
    if kind == "Phrase":
        return _phrase(terms.unescaped(node.value[1:-1]), field)
    if field is None:
        raise QueryError(f"a comparison needs a field: {str(node).strip()[:60]!r}")
    if kind in ("From", "To"):
        return terms.compares(kind.lower(), _bound(node.a), node.include)
    return _range(node)


_ONE: Final = f"[^{terms.SEPARATOR}]"


def _word(raw: str, field: str | None) -> Test:
    if raw.startswith("!"):
        raise QueryError(f"the operator '!' is not covered: {raw[:60]!r}; write NOT or -")
    if raw == "*":
        return terms.exists
    if field is None:
        return terms.words(terms.wildcard_regex(raw, r"\w*", _ONE))
    if field == ANYWHERE:
        return terms.anywhere(terms.wildcard_regex(raw, f"{_ONE}*", _ONE))
    return terms.like(terms.wildcard_regex(raw)) if terms.has_wildcard(raw) else terms.equals(terms.unescaped(raw))


def _phrase(text: str, field: str | None) -> Test:
    if field is None:
        return terms.words(re.escape(text))
    return terms.anywhere(re.escape(text)) if field == ANYWHERE else terms.equals(text)


def _range(node: Any) -> Test:
    tests = [
        terms.compares(side, _bound(end), inclusive)
        for side, end, inclusive in (("from", node.low, node.include_low), ("to", node.high, node.include_high))
        if str(end).strip() != "*"
    ]
    return lambda value: value is not None and all(test(value) for test in tests)


def _bound(node: Any) -> float:
    text = terms.unescaped(str(node).strip())
    bound = terms.number(text)
    if bound is None:
        raise QueryError(f"a bound must be a number: found {text[:40]!r}")
    return bound

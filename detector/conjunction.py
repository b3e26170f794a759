"""Conjunctions: queries that are no more than a row of `field:value` terms which all have to hold, as most are."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_VALUE: Final = r'(?:"[^"\\]*"|[^\s()"\\:<>\[\]{}~^!+#/&|-][^\s()"\\:<>\[\]{}~^!+#&|]*)'
_TERM = re.compile(
    rf"(?P<negation>-|NOT\s+)?(?P<field>@?\w[\w.]*):(?P<values>{_VALUE}|\(\s*{_VALUE}(?:\s+OR\s+{_VALUE})*\s*\))"
)
_OPEN = re.compile(r"(?:\(\s*)*")
_CLOSE = re.compile(r"(?:\s*\))*")
_NEXT = re.compile(r"\s+(?:AND\s+)?(?=\S)|\Z")
_OPERATORS: Final = ("AND", "OR", "NOT", "TO")


class Term(NamedTuple):
    """One field is one of *values*, or with *negated* none of them; a value may be a pattern (`fill*`, `*`)."""

    field: str
    negated: bool
    values: tuple[str, ...]

    @property
    def pinned(self) -> str | None:
        """The only value that the field may have; None where there are several, or a pattern.

        >>> Term("@a", False, ("fill",)).pinned, Term("@a", False, ("fi*",)).pinned
        ('fill', None)
        """
        if self.negated or len(self.values) != 1 or is_pattern(self.values[0]):
            return None
        return self.values[0].strip('"')


def conjunction(query: str) -> tuple[Term, ...] | None:
    """The terms of *query*, or None where it is anything else, a legal query that is harder to read included.

    Parentheses around terms that all have to hold say nothing. A term that another implies is left out.

    >>> conjunction('source:1password -@a:(x OR "y z")')
    (Term(field='source', negated=False, values=('1password',)), Term(field='@a', negated=True, values=('x', '"y z"')))
    >>> conjunction("(@a:(x OR y)) AND (@a:x AND @b:z)")
    (Term(field='@a', negated=False, values=('x',)), Term(field='@b', negated=False, values=('z',)))
    >>> conjunction("@a:x OR @b:y") is None
    True
    """
    text = query.strip()
    terms, position, depth = list[Term](), 0, 0
    while position < len(text):
        opened = _end(_OPEN, text, position)
        term = _term(text, opened)
        if term is None:
            return None
        terms.append(term[0])
        closed = _end(_CLOSE, text, term[1])
        depth += text.count("(", position, opened) - text.count(")", term[1], closed)
        following = _NEXT.match(text, closed)
        if depth < 0 or following is None:
            return None
        position = following.end()
    return None if depth else _without_implied(terms)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where what *pattern* finds at *position* ends, which may be nothing."""
    found = pattern.match(text, position)
    return found.end() if found else position


def _term(text: str, position: int) -> tuple[Term, int] | None:
    """The term at *position*, and where it ends."""
    found = _TERM.match(text, position)
    if found is None:
        return None
    values = tuple(re.findall(_VALUE, found["values"])[::2])  # every other word is OR
    if any(value in _OPERATORS for value in values):
        return None
    return Term(found["field"], found["negation"] is not None, values), found.end()


def _without_implied(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Each term once, and of those that let a field be one of several values, the narrowest."""
    once = list(dict.fromkeys(terms))
    return tuple(term for term in once if not any(_implies(other, term) for other in once if other != term))


def _implies(narrow: Term, wide: Term) -> bool:
    """Whether *wide* holds wherever *narrow* does, told by the values that they name."""
    if narrow.field != wide.field or narrow.negated or wide.negated:
        return False
    return set(narrow.values) < set(wide.values)


def is_pattern(value: str) -> bool:
    """Whether a value as it is written has wildcards.

    >>> is_pattern("fi*"), is_pattern('"fi*"')
    (True, False)
    """
    return not value.startswith('"') and ("*" in value or "?" in value)

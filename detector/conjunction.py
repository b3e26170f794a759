"""Conjunctions: queries that are no more than a row of `field:value` terms which all have to hold, as most are."""

import re
from typing import Final, NamedTuple

_VALUE: Final = r'(?:"[^"\\]*"|[^\s()"\\:<>\[\]{}~^!+#/&|-][^\s()"\\:<>\[\]{}~^!+#&|]*)'
_TERM = re.compile(
    rf"(?P<negation>-|NOT\s+)?(?P<field>@?\w[\w.]*):(?P<values>{_VALUE}|\(\s*{_VALUE}(?:\s+OR\s+{_VALUE})*\s*\))"
    r"(?:\s+(?:AND\s+)?(?=\S)|\Z)"
)
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

    >>> conjunction('source:1password -@a:(x OR "y z")')
    (Term(field='source', negated=False, values=('1password',)), Term(field='@a', negated=True, values=('x', '"y z"')))
    >>> conjunction("@a:x OR @b:y") is None
    True
    """
    text = query.strip()
    terms, position = [], 0
    while position < len(text):
        found = _TERM.match(text, position)
        values = tuple(re.findall(_VALUE, found["values"])[::2]) if found else ()  # every other word is OR
        if found is None or any(value in _OPERATORS for value in values):
            return None
        terms.append(Term(found["field"], found["negation"] is not None, values))
        position = found.end()
    return tuple(terms)


def is_pattern(value: str) -> bool:
    """Whether a value as it is written has wildcards.

    >>> is_pattern("fi*"), is_pattern('"fi*"')
    (True, False)
    """
    return not value.startswith('"') and ("*" in value or "?" in value)

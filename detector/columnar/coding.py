"""Coding: from batches of records to the rows of one rule, in codes.

What a rule asks of a record, it asks of tokens; a column holds few distinct ones, so that each question is put once
to every distinct token (or tuple of tokens) of a run, and its answer looked up for every row.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from detector.columnar.codes import Codes
from detector.columnar.columns import Columns
from detector.columnar.lookup import looked_up
from detector.columnar.pairing import Tuples
from detector.columnar.rows import Rows
from detector.event import Event
from detector.lens import Lens
from detector.onepassword import Kind, Projection, constant, path_of
from detector.questions import apart_key, fields_of, group_key, judges_apart, place_of, seen_at_all, together
from detector.rules import NewValueRule
from detector.selection import NO_GROUP, NO_VALUE, NOT_MATCHED
from detector.token import Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

Answer: TypeAlias = Callable[[Sequence[Token | None]], int]
Reading: TypeAlias = "Callable[[Coded], NDArray[np.int32]]"
_NO_CODES: "NDArray[np.int32]" = np.empty(0, np.int32)


class Fields(dict[str, Codes]):
    """The codes of every field's tokens, shared by all rules of a run."""

    def __init__(self) -> None:
        super().__init__()
        self._coded: dict[str, tuple[Sequence[Token | None], NDArray[np.int32]]] = {}

    def __missing__(self, field: str) -> Codes:
        return self.setdefault(field, Codes())

    def codes_of(self, field: str, tokens: Sequence[Token | None]) -> "NDArray[np.int32]":
        """The code of each of a field's tokens; the same list of them, or a longer one, may serve many batches."""
        known, codes = self._coded.get(field, (None, _NO_CODES))
        if known is not tokens:
            codes = _NO_CODES
        if known is not tokens or len(codes) != len(tokens):
            new = np.fromiter(map(self[field].__getitem__, tokens[len(codes) :]), np.int32)
            codes = np.concatenate([codes, new])
            self._coded[field] = tokens, codes
        return codes


class Coded:
    """Columns whose tokens have the codes of a run, each field coded when a rule first asks for it."""

    def __init__(self, columns: Columns, fields: Fields) -> None:
        self.columns = columns
        self._fields = fields
        self._codes: dict[str, NDArray[np.int32]] = {}

    def codes(self, field: str) -> "NDArray[np.int32]":
        """A field's codes; 0 where it is absent."""
        if field not in self._codes:
            self._codes[field] = self._coded(field)
        return self._codes[field]

    def _coded(self, field: str) -> "NDArray[np.int32]":
        codes, kind = self._fields[field], self.columns.kind
        fixed = constant(field, kind)  # whatever a record may have under that name
        column = None if fixed else self.columns.columns.get(path_of(field, kind) or "")
        if column is None:
            return np.full(len(self.columns.t), codes[fixed], np.int32)
        return looked_up(self._fields.codes_of(field, column.tokens), column.codes)


class Coding:
    """Codes for the groups and values of one rule; counts what the rule does not see, and why."""

    def __init__(self, rule: NewValueRule, fields: Fields) -> None:
        self.read = 0
        self.ignored: Counter[str] = Counter()
        self._metrics = len(rule.metrics) if judges_apart(rule) else 0
        alone = len(rule.group_by) == 1 and not rule.optional_group_by
        self.groups = fields[rule.group_by[0]] if alone else Codes()
        """The code of every group; a single field's tokens are its keys, and keep their codes."""
        self.values = fields[rule.metrics[0]] if len(rule.metrics) == 1 else Codes()
        """The code of every value, likewise."""
        self._plans = [_Plan(rule, kind, fields, self.groups, self.values) for kind in Kind]
        self._projection = Projection(fields_of(rule))
        self._lenses = [Lens(rule, self._projection, kind) for kind in Kind]

    def rows(self, coded: Coded) -> Rows:
        """The rows of a batch, one a record."""
        columns, plan = coded.columns, self._plans[coded.columns.kind]
        matches, group, values = plan.matches(coded) != 0, plan.group(coded), plan.values(coded)
        has_value = values.any(axis=1) if self._metrics else values != 0
        self.read += len(columns.t)
        if not (matches.all() and group.all() and has_value.all()):
            has_group = group != 0
            self.ignored[NOT_MATCHED] += int(np.count_nonzero(~matches))
            self.ignored[NO_GROUP] += int(np.count_nonzero(matches & ~has_group))
            self.ignored[NO_VALUE] += int(np.count_nonzero(matches & has_group & ~has_value))
            group = np.where(matches & has_value, group, np.int32(0))
        return Rows(columns.t, group, values, lambda row: self._event(columns, row, group[row], values[row]))

    def rows_of(self, events: Sequence[Event]) -> Rows:
        """The rows of events that a `Selector` of the same rule has selected."""
        t = np.fromiter((event.timestamp for event in events), np.int64, len(events))
        group = np.fromiter((self.groups[event.group] for event in events), np.int32, len(events))
        if not self._metrics:
            values = np.fromiter((self.values[event.values[0]] for event in events), np.int32, len(events))
            return Rows(t, group, values, events.__getitem__)
        apart_values = np.zeros((len(events), self._metrics), np.int32)
        for row, event in enumerate(events):
            for value in event.values:
                apart_values[row, place_of(value)] = self.values[value]
        return Rows(t, group, apart_values, events.__getitem__)

    def _event(self, columns: Columns, row: int, group: Any, values: Any) -> Event:
        """A row's event: what it is judged by is known, and only what else is told of it is read from its record."""
        record, lens, keys = self._projection.decode(columns.line(row)), self._lenses[columns.kind], self.values.keys_of
        key = self.groups.keys_of[group]
        assert key is not None
        present = values[values != 0].tolist() if self._metrics else [values]
        seen = tuple([value for code in present if (value := keys[code])])
        return Event(lens.uuid(record), int(columns.t[row]), key, seen, lens, record)


class _Plan:
    """What a rule asks of records of one kind, answered in codes; 0 stands for no."""

    def __init__(self, rule: NewValueRule, kind: Kind, fields: Fields, groups: Codes, values: Codes) -> None:
        def question(asked: Sequence[str], answer: Answer) -> Reading:
            return _Answers(asked, kind, fields, answer).codes

        asked, predicate = seen_at_all(rule)
        key = group_key(optional=rule.optional_group_by)
        self.matches = question(asked, lambda tokens: int(predicate(tokens)))
        self.group = question(rule.group_by, lambda tokens: groups[key(tuple(tokens))])
        self.values = question(rule.metrics, lambda tokens: values[next(iter(together(tokens)), None)])
        if rule.group_by and groups is fields[rule.group_by[0]]:
            self.group = lambda coded: coded.codes(rule.group_by[0])
        if values is fields[rule.metrics[0]]:
            self.values = lambda coded: coded.codes(rule.metrics[0])
        elif judges_apart(rule):
            columns = [question([metric], _apart(values, place)) for place, metric in enumerate(rule.metrics)]
            self.values = lambda coded: np.stack([column(coded) for column in columns], axis=1)


def _apart(values: Codes, place: int) -> Answer:
    return lambda tokens: values[apart_key(place, tokens[0])]


class _Answers:
    """One question to records of a kind: put once to all distinct tokens that its fields hold, then looked up."""

    def __init__(self, asked: Sequence[str], kind: Kind, fields: Fields, answer: Answer) -> None:
        self._answer = answer
        self._fixed = [constant(field, kind) for field in asked]
        self._varying = [place for place, field in enumerate(asked) if path_of(field, kind)]
        self._asked = [asked[place] for place in self._varying]
        self._codes = [fields[field] for field in self._asked]
        self._tuples = Tuples(len(self._asked)) if self._asked else None
        self._answers: NDArray[np.int32] = np.empty(0, np.int32)

    def codes(self, coded: Coded) -> "NDArray[np.int32]":
        """The answer for each row."""
        rows = len(coded.columns.t)
        if self._tuples is None:
            return np.full(rows, self._answer(self._fixed), np.int32)
        asked = self._tuples.codes([coded.codes(field) for field in self._asked])
        distinct = self._tuples.count(self._codes[0])
        if distinct > len(self._answers):
            new = [self._answered(code) for code in range(len(self._answers), distinct)]
            self._answers = np.concatenate([self._answers, np.array(new, np.int32)])
        return looked_up(self._answers, asked)

    def _answered(self, code: int) -> int:
        assert self._tuples is not None
        tokens = self._fixed.copy()
        members = self._tuples.members(code)
        for place, codes, member in zip(self._varying, self._codes, members, strict=True):
            tokens[place] = codes.keys_of[member]
        return self._answer(tokens)

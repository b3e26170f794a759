"""Strictness: where DuckDB would read what the scalar reader refuses, found 64 bytes at a time.

DuckDB's JSON parser, yyjson as it sets it, also reads trailing commas, NaN and infinities, blanks that JSON does not
know, any depth and numbers of any size. Bytes that it reads and in which `check` finds no doubt mean the same to both
readers. The masks hold a bit for each of 64 bytes, the first the lowest (Langdale and Lemire, Parsing Gigabytes of JSON
per Second, 2019, section 3.1).
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, register_jitable

from detector.columnar.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 64
AHEAD: Final = BLOCK
"""How many bytes after the last block `check` may look at."""
DEEPEST: Final = 100
"""Python lets msgspec go some 1,000 deep, less what its callers have used up; records are 3 deep."""

_ESCAPED, _IN_STRING, _AFTER_COMMA, _AFTER_N, _AFTER_DIGIT, _STARTS, _DEPTH, _RECORDS = range(8)
"""What one block tells the next: masks of its first byte (or all ones), how deep it is, the records that have begun."""
_CARRIED: Final = 8

_HUGE: Final = 3
"""So many digits of an exponent may be too much for a double; two are not, as no number here has 128 digits."""

_bits = np.uint64
_NONE, _ONE, _TOP = _bits(0), _bits(1), _bits(63)
_EVEN: Final = _bits(0xAAAAAAAAAAAAAAAA)
_NO_CASE: Final = 0x20
"""Set in small letters, and in `{` and `}` but not in `[` and `]`."""


def beginning() -> "NDArray[np.uint64]":
    """What `check` is told at the beginning of a text."""
    carry = np.zeros(_CARRIED, np.uint64)
    carry[_STARTS] = 1
    return carry


def complete_records(carry: "NDArray[np.uint64]") -> int:
    """How many lines that hold a record have ended in what was checked."""
    return int(carry[_RECORDS]) - (not carry[_STARTS])


def _mask(builder: Any, data: Any, place: Any, test: Any) -> Any:
    """The bits of the bytes from *place* on for which *test* makes a true one."""
    vector = ir.VectorType(ir.IntType(8), BLOCK)
    address = builder.bitcast(builder.gep(data.data, [place]), vector.as_pointer())
    return builder.bitcast(test(builder.load(address, align=1), vector), ir.IntType(64))


def _splat(builder: Any, byte: Any, vector: Any) -> Any:
    one = builder.insert_element(
        ir.Constant(vector, ir.Undefined), builder.trunc(byte, ir.IntType(8)), ir.IntType(32)(0)
    )
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), None))


@intrinsic  # type: ignore[untyped-decorator]
def _equal(_typing: Any, data: Any, _place: Any, _set: Any, _byte: Any) -> Any:
    """Which bytes of the block at a place are a byte, once some bits are set in them."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])

        def test(block: Any, vector: Any) -> Any:
            folded = builder.or_(block, _splat(builder, arguments[2], vector))
            return builder.icmp_unsigned("==", folded, _splat(builder, arguments[3], vector))

        return _mask(builder, held, arguments[1], test)

    return types.uint64(data, types.int64, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _within(_typing: Any, data: Any, _place: Any, _first: Any, _last: Any) -> Any:
    """Which bytes of the block at a place are from one to another, that included."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])

        def test(block: Any, vector: Any) -> Any:
            moved = builder.sub(block, _splat(builder, arguments[2], vector))
            width = builder.sub(arguments[3], arguments[2])
            return builder.icmp_unsigned("<=", moved, _splat(builder, width, vector))

        return _mask(builder, held, arguments[1], test)

    return types.uint64(data, types.int64, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _count(_typing: Any, _mask: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@register_jitable  # type: ignore[untyped-decorator]
def _escaped(backslash: Any, carried: Any) -> Any:
    """Which bytes an odd number of backslashes stands before, and the carry."""
    if backslash == _NONE:
        return carried, _NONE
    begins = backslash & ~carried
    odd = (begins << _ONE | _EVEN) - begins ^ _EVEN
    return odd ^ (backslash | carried), (odd & backslash) >> _TOP


@register_jitable  # type: ignore[untyped-decorator]
def _inside(quotes: Any) -> Any:
    """Which bytes an odd number of quotes stands at or before."""
    for distance in (1, 2, 4, 8, 16, 32):
        quotes = quotes ^ quotes << _bits(distance)
    return quotes


@register_jitable  # type: ignore[untyped-decorator]
def _is_huge(data: Any, at: int, exponents: Any) -> bool:
    """Whether one of the exponents that begin in the block has more than two digits, and no minus."""
    while exponents != _NONE:
        lowest = exponents & (~exponents + _ONE)
        exponents ^= lowest
        place = at + np.int64(_count(lowest - _ONE)) + 1
        place += data[place] == ord("+")
        digits = 0
        while digits < _HUGE and ord("0") <= data[place + digits] <= ord("9"):
            digits += 1
        if digits == _HUGE:
            return True
    return False


@compiled
def check(data: Any, stop: int, carry: Any) -> bool:
    """Check the blocks before *stop*, up to the first with a doubt; whether there is none. Moves *carry* on.

    *data* goes on for `AHEAD` bytes after *stop*.
    """
    escaped, in_string, starts = carry[_ESCAPED], carry[_IN_STRING], carry[_STARTS]
    after_comma, after_n, after_digit = carry[_AFTER_COMMA], carry[_AFTER_N], carry[_AFTER_DIGIT]
    depth, records = carry[_DEPTH], carry[_RECORDS]
    at = 0
    while at < stop:
        unquoted, escaped = _escaped(_equal(data, at, 0, ord("\\")), escaped)
        quote = _equal(data, at, 0, ord('"')) & ~unquoted
        inside = _inside(quote) ^ in_string
        in_string = _NONE - (inside >> _TOP)
        opens = _equal(data, at, _NO_CASE, ord("{")) & ~inside
        closes = _equal(data, at, _NO_CASE, ord("}")) & ~inside
        newline = _equal(data, at, 0, ord("\n"))
        blank = _within(data, at, 0, ord(" "))
        foreign = _within(data, at, ord("\v"), ord("\f"))

        comma = _equal(data, at, 0, ord(",")) & ~inside
        first = comma << _ONE | after_comma
        ended = (first & blank) + blank
        after_comma = comma >> _TOP | _bits(ended < blank)
        trailing = (first | ended) & ~blank & closes

        letter_n = _equal(data, at, _NO_CASE, ord("n")) & ~inside
        infinity = _equal(data, at, _NO_CASE, ord("i")) & ~inside
        nan = (letter_n << _ONE | after_n) & _equal(data, at, _NO_CASE, ord("a"))
        after_n = letter_n >> _TOP

        digit = _within(data, at, ord("0"), ord("9")) & ~inside
        exponent = (digit << _ONE | after_digit) & _equal(data, at, _NO_CASE, ord("e"))
        after_digit = digit >> _TOP

        line = newline << _ONE | starts
        odd_line = line & ~opens & ~newline
        depth += _count(opens)
        is_long = (inside | quote | comma | opens | closes | blank) == _NONE
        if (foreign | trailing | infinity | nan | odd_line) != _NONE or is_long or depth > _bits(DEEPEST):
            break
        if exponent != _NONE and _is_huge(data, at, exponent):
            break
        depth -= _count(closes)
        starts = newline >> _TOP
        records += _count(line & opens)
        at += BLOCK
    carry[_ESCAPED], carry[_IN_STRING], carry[_STARTS] = escaped, in_string, starts
    carry[_AFTER_COMMA], carry[_AFTER_N], carry[_AFTER_DIGIT] = after_comma, after_n, after_digit
    carry[_DEPTH], carry[_RECORDS] = depth, records
    return at >= stop

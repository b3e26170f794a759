"""Names of hosts that look like another's."""

import re
from collections.abc import Collection
from itertools import count
from string import ascii_lowercase, ascii_uppercase, digits, hexdigits

from scenarios.draws import draw

_RUN = re.compile(r"[0-9A-Za-z]*[0-9][0-9A-Za-z]*")
_VARIED = 6  # characters at the end of a name that tell one machine from the next (assumption)
_TRIES = 64
_LOWER, _UPPER = hexdigits[:16], digits + "ABCDEF"


def another_host(name: str, taken: Collection[str], *purpose: object) -> str:
    """Return a name formed like *name* that is none of *taken*; which one, *purpose* draws.

    Its last number, whatever the base, becomes another; a name without one, or of a form that is used up, gets one.

    >>> another_host("runner-0ba3c45f4", {"runner-0ba3c45f4"}, 7) == another_host("runner-0ba3c45f4", {"x"}, 7)
    True
    >>> another_host("anas-laptop", {"anas-laptop"}, 7)
    'anas-laptop-2'
    """
    runs = list(_RUN.finditer(name))
    if runs:
        end = runs[-1].end()
        begin = max(runs[-1].start(), end - _VARIED)
        for k in range(_TRIES):
            other = name[:begin] + _another(name[begin:end], *purpose, k) + name[end:]
            if other != name and other not in taken:
                return other
    return next(other for k in count(2) if (other := f"{name}-{k}") not in taken)


def _another(text: str, *purpose: object) -> str:
    """Return other characters of the same sort for those of *text*."""
    high, low = draw("host", text, *purpose)
    number, drawn = high << 64 | low, []
    for character in text:
        sort = _sort(character, text)
        number, rest = divmod(number, len(sort))
        drawn.append(sort[rest])
    return "".join(drawn)


def _sort(character: str, text: str) -> str:
    """Return the characters that may stand in the place of *character* of *text*."""
    if not text.isdigit():
        for hexadecimal in (_LOWER, _UPPER):
            if set(text) <= set(hexadecimal):
                return hexadecimal
    if character.isdigit():
        return digits
    return ascii_lowercase if character.islower() else ascii_uppercase

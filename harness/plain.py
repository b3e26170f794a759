"""Plain: text from outside, such as the name of a rule or of a person, that commands neither a terminal nor a page."""

from typing import Final

_MARKUP: Final = {"\\": "\\\\", "|": "\\|", "<": "&lt;", "*": "\\*", "[": "\\["}
"""What would end a cell, begin a tag, set a text bold, or make a link or a picture of it."""


def plain(text: str) -> str:
    r"""*text* on one line; what cannot be seen, as what colours a terminal, is written as Python would.

    >>> print(plain("red: \x1b[31m\ntwo lines"))
    red: \x1b[31m\ntwo lines
    """
    return "".join(map(_printable, text))


def in_markdown(text: str) -> str:
    r"""*text* as `plain` has it, that marks up nothing but what stands between backticks.

    >>> print(in_markdown("a|b <i> [c](d) `fill`"))
    a\|b &lt;i> \[c](d) `fill`
    """
    return "".join(_MARKUP.get(character) or _printable(character) for character in text)


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()

"""Codes: integers that stand for keys, so that columns of them can be compared, counted and looked up."""

from detector.token import Key


class Codes(dict[Key | None, int]):
    """A code for every key, from 1 in the order of asking; None, a key that is absent, is 0.

    >>> codes = Codes()
    >>> codes["fill"], codes["reveal"], codes["fill"], codes[None], codes.keys_of[2]
    (1, 2, 1, 0, 'reveal')
    """

    def __init__(self) -> None:
        super().__init__({None: 0})
        self.keys_of: list[Key | None] = [None]
        """The key of each code."""

    def __missing__(self, key: Key | None) -> int:
        code = self[key] = len(self.keys_of)
        self.keys_of.append(key)
        return code

"""The size of a Bloom store, as its URL gives it: `bloom:?window=30d&slices=4&pairs=1000000&false_known=0.01`."""

from typing import Final, NamedTuple

from detector.instant import DAY
from detector.stores.base import StoreError
from detector.stores.store_url import StoreUrl

SETTINGS: Final = {"none": "nothing outlives the process"}


class BloomSize(NamedTuple):
    """What `BloomStore` takes."""

    window: int
    """Nanoseconds; in the URL days, as `28d` or `28`."""
    slices: int
    pairs: int
    false_known: float
    values: int

    @classmethod
    def of(cls, url: StoreUrl) -> "BloomSize":
        """The size by the parameters of *url*. Raises `StoreError`.

        >>> BloomSize.of(StoreUrl.of("bloom:?slices=15")).slices
        15
        """
        if url.only(*cls._fields, "durability").rest.strip("/"):
            raise StoreError("--store: bloom: takes nothing after the colon but parameters")
        url.choice("durability", SETTINGS, "none")
        return cls(
            window=_days(url, "window") * DAY,
            slices=_whole(url, "slices", 4, 1, 60),
            pairs=_whole(url, "pairs", 1_000_000, 1, 100_000_000),
            false_known=url.number("false_known", 0.01, 1e-9, 0.5),
            values=_whole(url, "values", 1_000, 1, 1_000_000),
        )


def _days(url: StoreUrl, name: str) -> int:
    bare = {key: text.removesuffix("d") if key == name else text for key, text in url.parameters.items()}
    return _whole(url._replace(parameters=bare), name, 30, 1, 60)


def _whole(url: StoreUrl, name: str, default: int, least: int, most: int) -> int:
    found = url.number(name, default, least, most)
    if found != int(found):
        legal = f"whole numbers from {least} to {most}"
        raise StoreError(f"--store: bloom: {name}: found {url.parameters[name]!r}; legal: {legal}")
    return int(found)

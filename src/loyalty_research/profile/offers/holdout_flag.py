"""Who is left untouched: a flag that stays with a customer whatever new data bring."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_research.errors import ParameterError, problem
from loyalty_research.study.private import load_secret, own_ids

if TYPE_CHECKING:
    from loyalty_research.study.brand import Brand

_PUBLIC_KEY = b"identifiers that are public need no secret"
_BYTES = 8
_LONGEST = 100


def holdout_flags(brand: Brand, *, campaign: str, share: float) -> pd.DataFrame:
    """Tell which customers of a brand a campaign leaves untouched.

    Parameters
    ----------
    brand
        The brand; all its customers are looked at, whoever is on a list later.
    campaign
        Name of the campaign; the same name leaves the same customers untouched.
    share
        Share left untouched, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        One row a customer: customer_id as in the brand's tables, ``held_out``.

    Raises
    ------
    ParameterError
        Where the name of the campaign is empty or too long, or the share is none.
    DataError
        Where the brand has no customers.

    Notes
    -----
    As :func:`is_held_out`, with the user's own secret; where identifiers are public, with a fixed
    key, so that everybody gets the same flags.
    """
    known = own_ids(brand)
    key = holdout_key(_PUBLIC_KEY if brand.context.public else load_secret())
    flags = is_held_out(known.values(), key=key, campaign=campaign, share=share)
    return pd.DataFrame({"customer_id": list(known), "held_out": flags})


def holdout_key(secret: bytes) -> bytes:
    """Return the key of the flags: one of its own, so that no flag tells part of a pseudonym."""
    return hmac.new(secret, b"hold-out", hashlib.sha256).digest()


def check_campaign(campaign: str) -> str:
    """Return the name of a campaign without blanks around it.

    Raises
    ------
    ParameterError
        Where it is empty, longer than 100 characters, or of several lines.
    """
    name = campaign.strip() if isinstance(campaign, str) else ""
    if not 0 < len(name) <= _LONGEST or not name.isprintable():
        raise ParameterError(
            problem(
                "campaign: found {found!r}; allowed: a name of 1 to {longest} characters in a line",
                found=campaign,
                longest=_LONGEST,
            )
        )
    return name


def is_held_out(ids: Iterable[str], *, key: bytes, campaign: str, share: float) -> np.ndarray:
    """Tell of each source id whether a campaign leaves it untouched.

    Parameters
    ----------
    ids
        The brand's own ids.
    key
        As :func:`holdout_key` returns.
    campaign
        Name of the campaign; blanks around it do not count.
    share
        Share left untouched, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Shape (n,), booleans.

    Raises
    ------
    ParameterError
        Where the name is empty, too long or of several lines, or the share is not 0 to 1.

    Notes
    -----
    Held out where the first 64 bits of HMAC-SHA256(HMAC-SHA256(key, campaign), id), read as a
    whole number, are below share x 2^64. A flag depends on nothing but key, campaign and id: new
    customers change nobody's, campaigns are independent, and whoever is held out at one share is
    so at every larger one.

    References
    ----------
    RFC 2104.

    Examples
    --------
    >>> key = holdout_key(b"a secret of the example's own")
    >>> is_held_out(["VIP-1", "VIP-2", "VIP-3"], key=key, campaign="spring", share=0.5).tolist()
    [False, True, True]
    """
    name = check_campaign(campaign)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise ParameterError(problem("share: found {found!r}; allowed: 0 to 1", found=share))
    own = hmac.new(key, name.encode("utf-8"), hashlib.sha256).digest()
    limit = round(share * 2 ** (8 * _BYTES))
    return np.array([_number(own, str(item)) < limit for item in ids], dtype=bool)


def _number(key: bytes, source_id: str) -> int:
    digest = hmac.digest(key, source_id.encode("utf-8", "surrogatepass"), "sha256")
    return int.from_bytes(digest[:_BYTES], "big")

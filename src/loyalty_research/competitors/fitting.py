"""Whether a programme can be replayed on a brand's baskets, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loyalty_research.competitors.shop import Shop
from loyalty_research.programmes.fields import Where
from loyalty_research.programmes.schema import Programme


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A programme that is not computed, and why.

    Parameters
    ----------
    programme
        As its file says.
    reason
        ``card``, ``no_orders``, ``needs_products``, ``unknown_terms`` or ``no_ticket``.
    words
        What the brand file does not explain.
    """

    programme: Programme
    reason: str
    words: tuple[str, ...] = ()


def needs_lines(programme: Programme) -> bool:
    """Tell whether a rule looks at products or counts items."""
    items = any(rule.on == "order" and rule.per == "item" for rule in programme.earn)
    return items or any(where.needs_lines for where in _conditions(programme))


def obstacle(programme: Programme, shop: Shop | None) -> LeftOut | None:
    """Return why a programme cannot be replayed on a brand's baskets; None where it can.

    Notes
    -----
    Categories, products, channels and stores that rules ask for must be the brand's own, or words
    that ``terms`` of the brand file explains by some of its own; a word that is explained by
    nothing (``drink: {}``) means that the brand has none. What rules leave out must be explained as
    well, by nothing where there is none; a channel need not be where the brand tells none.
    """
    if programme.status == "card":
        return LeftOut(programme, "card")
    if shop is None:
        return LeftOut(programme, "no_orders")
    if needs_lines(programme) and (shop.lines is None or shop.products is None):
        return LeftOut(programme, "needs_products")
    unknown = sorted({*_asked(programme)} - shop.words(empty=False))
    unknown += sorted({*_left_out(programme, shop)} - shop.words(empty=True))
    return LeftOut(programme, "unknown_terms", tuple(unknown)) if unknown else None


def terms_for(programme: Programme, shop: Shop) -> dict[str, tuple[str, ...]]:
    """Return the brand's own names by term; channels that rules leave out may stand for none."""
    channels = {word for where in _conditions(programme) for word in where.not_channels}
    return dict.fromkeys(channels, ()) | shop.terms


def _conditions(programme: Programme) -> Iterator[Where]:
    yield from (rule.where for rule in programme.earn)
    yield from (reward.where for reward in programme.rewards)


def _asked(programme: Programme) -> Iterator[str]:
    """Yield the words for what rules ask for."""
    for where in _conditions(programme):
        yield from (*where.categories, *where.products, *where.channels, *where.stores)


def _left_out(programme: Programme, shop: Shop) -> Iterator[str]:
    """Yield the words for what rules leave out; channels where the brand tells them."""
    for where in _conditions(programme):
        yield from where.not_categories
        if shop.tells_channel:
            yield from where.not_channels

"""A brand's baskets through every published programme, each replayed once for all sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from loyalty_research.brand.exchange import ExchangeRates, load_rates
from loyalty_research.brand.tickets import Ticket, load_tickets
from loyalty_research.competitors.fitting import LeftOut, obstacle
from loyalty_research.competitors.replays import Outcome, Setting, outcome_of, paid_levels
from loyalty_research.competitors.scaling import ticket_factor
from loyalty_research.competitors.shop import Shop, open_shop
from loyalty_research.engine import Context
from loyalty_research.errors import ParameterError, problem
from loyalty_research.profile.common import Days, as_days
from loyalty_research.programmes import list_programmes, load_programme
from loyalty_research.programmes.schema import Programme

MULTIPLES = (0.5, 1.0, 2.0)
"""Of the ticket of another trade that baskets are scaled to."""


@dataclass(frozen=True)
class Comparison:
    """What published programmes would have paid a brand's customers, for every section to show.

    Parameters
    ----------
    context
        Of the brand's rows.
    trade
        Of the brand.
    period
        The period asked for; ``shop.days`` is the year of it that is compared.
    shop
        The brand's year; None where no order carries a customer.
    published
        Published programmes of the brand's trade, current ones first.
    outcomes
        Of the current ones that can be replayed, on the baskets as they were.
    family
        Of states of one programme over time, on the same baskets, by the day they began.
    scaled
        Of programmes of other trades, at multiples of their trade's ticket: illustrative.
    left_out
        Programmes not computed, with the reason.
    rates
        Exchange rates used.
    tickets
        Sourced tickets by trade.
    """

    context: Context
    trade: str
    period: Days
    shop: Shop | None
    published: tuple[Programme, ...]
    outcomes: tuple[Outcome, ...]
    family: tuple[Outcome, ...]
    scaled: tuple[Outcome, ...]
    left_out: tuple[LeftOut, ...]
    rates: ExchangeRates
    tickets: dict[str, tuple[Ticket, ...]]

    @property
    def days(self) -> Days:
        """The year compared."""
        return self.shop.days if self.shop is not None else self.period


def compare(
    brand: Any,
    *,
    period: Any,
    trade: str | None = None,
    programmes: Iterable[Programme] | None = None,
    multiples: Sequence[float] = MULTIPLES,
) -> Comparison:
    """Replay every published programme on a brand's purchases, as they were.

    Parameters
    ----------
    brand
        A brand as opened by :func:`loyalty_research.open_brand`.
    period
        The brand's period or (first day, last day); its last twelve months are compared.
    trade
        In place of that of the brand file.
    programmes
        In place of all published ones of ``data/programmes``.
    multiples
        Of the sourced ticket that the median order is scaled to for programmes of other trades.

    Returns
    -------
    Comparison
        For the sections :func:`returns`, :func:`curves`, :func:`first_rewards`, :func:`paid`,
        :func:`others`, :func:`evolution`, :func:`rules` and :func:`basis`. Without identified
        orders nothing is replayed, and the sections say so.

    Raises
    ------
    BrandFileError
        Where a currency has no exchange rate: names it, the file and what to add.

    Notes
    -----
    Nobody is assumed to buy more, less or elsewhere because of the rules. Programmes of the same
    trade see the amounts as they were, in the programme's currency at the stated rate; those of
    other trades see them at multiples of that trade's sourced ticket only. All programmes see the
    same orders.
    """
    shop = open_shop(brand, period=period, trade=trade)
    file = getattr(brand, "file", None)
    own = trade if trade is not None else (file.trade if file is not None else "")
    known = tuple(programmes) if programmes is not None else published_programmes()
    if known:
        rates, tickets = load_rates(), dict(load_tickets())
    else:  # a home without the files of published programmes need not have those of rates
        rates, tickets = _no_rates(brand), {}
    _check(brand, known, rates, tickets, multiples)
    work = _Work(shop, rates, tickets, multiples)
    same = sorted((p for p in known if p.trade == own), key=lambda p: (_is_past(p), p.id))
    other = [p for p in known if p.trade != own and not _is_past(p)]
    outcomes = tuple(o for p in same if not _is_past(p) for o in work.unscaled(p))
    return Comparison(
        context=brand.context,
        trade=own,
        period=as_days(period),
        shop=shop,
        published=tuple(same),
        outcomes=outcomes,
        family=tuple(work.family(same, outcomes)),
        scaled=tuple(o for p in other for o in work.scaled(p)),
        left_out=tuple(work.left_out),
        rates=rates,
        tickets=tickets,
    )


def published_programmes() -> tuple[Programme, ...]:
    """Return the published programmes of ``data/programmes``, by name."""
    loaded = (load_programme(name) for name in list_programmes())
    return tuple(programme for programme in loaded if programme.origin == "published")


def _no_rates(brand: Any) -> ExchangeRates:
    return ExchangeRates(base=brand.context.currency or "", period="", rates={}, path=Path())


def _is_past(programme: Programme) -> bool:
    return programme.effective_to is not None


def _check(
    brand: Any,
    known: Sequence[Programme],
    rates: ExchangeRates,
    tickets: dict[str, tuple[Ticket, ...]],
    multiples: Sequence[float],
) -> None:
    """Make sure of all rates and multiples before anything is replayed."""
    if not all(number > 0 for number in multiples):
        raise ParameterError(
            problem("multiples: found {found!r}; allowed: numbers above 0", found=multiples)
        )
    used = {programme.currency for programme in known}
    used |= {ticket.currency for several in tickets.values() for ticket in several}
    rates.check(used | ({brand.context.currency} - {None}))


class _Work:
    """Replays programmes one after another, and keeps those it has to leave out."""

    def __init__(
        self,
        shop: Shop | None,
        rates: ExchangeRates,
        tickets: dict[str, tuple[Ticket, ...]],
        multiples: Sequence[float],
    ) -> None:
        self.shop, self.rates, self.tickets = shop, rates, tickets
        self.multiples = tuple(multiples)
        self.left_out: list[LeftOut] = []

    def unscaled(self, programme: Programme) -> Iterator[Outcome]:
        """Yield the outcome of a programme of the same trade, one for each paid level."""
        found = obstacle(programme, self.shop)
        if found is not None or self.shop is None:
            self.left_out += [found] if found else []
            return
        exchange = self.rates.factor(self.shop.currency, programme.currency)
        for level in paid_levels(programme):
            yield outcome_of(self.shop, Setting(programme, exchange, exchange, level))

    def family(self, same: Sequence[Programme], done: Sequence[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes of every state of the programmes that have changed, in time order."""
        states = [p for p in same if p.family]
        several = {p.family for p in states if sum(q.family == p.family for q in states) > 1}
        for programme in sorted(states, key=lambda p: (p.family or "", p.effective_from or "")):
            if programme.family in several:
                ready = [o for o in done if o.programme is programme]
                yield from ready or (self.unscaled(programme) if _is_past(programme) else ())

    def scaled(self, programme: Programme) -> Iterator[Outcome]:
        """Yield the outcomes of a programme of another trade, at multiples of its ticket."""
        found = obstacle(programme, self.shop)
        if found is None and programme.trade not in self.tickets:
            found = LeftOut(programme, "no_ticket")
        if found is not None or self.shop is None:
            self.left_out += [found] if found else []
            return
        ticket = self.tickets[programme.trade][0]
        exchange = self.rates.factor(self.shop.currency, programme.currency)
        priced = self.rates.factor(ticket.currency, programme.currency)
        for multiple in self.multiples:
            factor = ticket_factor(
                ticket,
                multiple=Decimal(str(multiple)),
                median_order=self.shop.median_order,
                exchange=priced,
            )
            for level in paid_levels(programme):
                yield outcome_of(
                    self.shop, Setting(programme, factor, exchange, level, float(multiple))
                )

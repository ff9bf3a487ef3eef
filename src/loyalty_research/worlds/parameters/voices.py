"""What is heard of customers beside sales: a survey, comments, events, a panel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from loyalty_research.worlds.parameters.base import Chance, Positive, Section, Share, Words


class Construct(Section):
    """A construct of the survey: what it depends on, and its items' loadings."""

    paths: dict[str, float] = Field(default_factory=dict)
    loadings: Annotated[tuple[Share, ...], Field(min_length=1)]


class Benefits(Section):
    """Best-worst tasks on benefits, at the end of the survey.

    Parameters
    ----------
    utilities
        Mean utility of each benefit, by its code.
    differ
        Standard deviation of each utility over customers.
    noise
        Standard deviation of what is added, drawn anew for every task; the best has the highest
        sum, the worst the lowest.
    rounds
        In each round every benefit is shown once, half of them in either of two tasks.
    """

    utilities: Annotated[dict[str, float], Field(min_length=4)]
    differ: Annotated[float, Field(ge=0)] = 0.6
    noise: Positive = 1
    rounds: Annotated[int, Field(ge=1)] = 3


class Survey(Section):
    """A survey out of a structural model.

    Parameters
    ----------
    share
        Of the customers who answer.
    model
        ``common_factor``: a construct causes its items; ``composite``: it is made of them, and
        ``loadings`` gives their number only.
    composite_correlation
        Between the items of a composite.
    constructs
        In causal order; paths are standardised.
    attitude
        Path from the customer's attitude to the first construct.
    mean, sd
        Of the answers on the scale from 1 to 10, before rounding.
    benefits
        Best-worst tasks; None for none.
    """

    share: Share = 0.1
    model: Literal["common_factor", "composite"] = "common_factor"
    composite_correlation: Share = 0.5
    constructs: dict[str, Construct]
    attitude: Share = 0
    mean: float = 7
    sd: Positive = 1.6
    benefits: Benefits | None = None

    @model_validator(mode="after")
    def _possible(self) -> Survey:
        known: list[str] = []
        for name, construct in self.constructs.items():
            unknown = sorted(set(construct.paths) - set(known))
            if unknown:
                msg = f"paths of {name} from constructs above it; not {unknown[0]}"
                raise ValueError(msg)
            known.append(name)
        if min(self.unexplained.values()) < 0:
            msg = "paths that explain no more than the whole of a construct"
            raise ValueError(msg)
        return self

    @property
    def unexplained(self) -> dict[str, float]:
        """Variance of each construct that its paths leave over."""
        related: dict[tuple[str, str], float] = {}
        left: dict[str, float] = {}
        for name, construct in self.constructs.items():
            for other in left:
                related[name, other] = related[other, name] = sum(
                    path * related[source, other] for source, path in construct.paths.items()
                )
            related[name, name] = 1.0
            explained = sum(
                path * related[name, source] for source, path in construct.paths.items()
            )
            left[name] = 1 - explained - (0 if left else self.attitude**2)
        return left


class Fix(Section):
    """Something the shop changes about waiting, from a day on.

    Parameters
    ----------
    after
        Days from the start.
    wait_factor
        Of waiting times from then on.
    """

    name: Words
    after: Annotated[int, Field(ge=1)]
    wait_factor: Positive


class Feedback(Section):
    """Comments on orders.

    Parameters
    ----------
    share
        Of orders with a comment.
    chinese
        Share of comments in Chinese.
    wait_minutes, patience
        Mean waiting time in a store of ordinary speed, and the time above which it is called bad.
    good
        Chance that an aspect mentioned is praised, by aspect; waiting follows from the minutes.
    traditional, wordless
        Shares of Chinese comments in traditional characters, and of comments of signs only.
    answered
        Share of comments with a complaint that the shop resolves.
    complaint_leave, answer_keeps
        Share of those who complain that leave over it, and of these the share an answer keeps.
    fix
        What changed about waiting; None for nothing.
    """

    share: Share = 0.01
    chinese: Share = 0.9
    wait_minutes: Positive = 6
    patience: Positive = 12
    good: dict[
        Literal[
            "taste",
            "service",
            "price",
            "environment",
            "packaging",
            "delivery",
            "app",
            "hygiene",
            "membership",
        ],
        Share,
    ]
    traditional: Share = 0
    wordless: Share = 0
    answered: Share = 0.6
    complaint_leave: Share = 0
    answer_keeps: Share = 0
    fix: Fix | None = None


class Events(Section):
    """What customers do beside buying, in channels that are online.

    Parameters
    ----------
    tracked
        Share of customers whose visits are logged.
    cart, order
        Share of visits with a cart, and of carts with an order.
    share, refer
        Events per order.
    check_in
        Chance of a check-in on the day after an order of a member.
    """

    tracked: Share = 0.2
    cart: Chance = 0.5
    order: Chance = 0.6
    share: Share = 0.03
    refer: Share = 0.01
    check_in: Share = 0.1


class Market(Section):
    """A household panel over competing brands: NBD purchases, Dirichlet choice.

    Parameters
    ----------
    brands
        Market share by brand; the first is the world's own.
    households
        Of the panel, whatever the number of customers.
    mean, shape
        Of the negative binomial distribution of a household's purchases in the whole period.
    switching
        S of the Dirichlet distribution.
    price, promoted
        Cents by brand, and share of occasions at which a brand is promoted, at a tenth less.
    promotion_effect
        Of a promotion on the logarithm of a brand's weight; 0 keeps the NBD-Dirichlet.
    """

    brands: dict[str, Positive]
    households: Annotated[int, Field(ge=1)] = 1000
    mean: Positive = 12
    shape: Positive = 0.8
    switching: Positive = 1.3
    price: dict[str, Annotated[int, Field(ge=1)]]
    promoted: Share = 0.1
    promotion_effect: float = 0

    @model_validator(mode="after")
    def _priced(self) -> Market:
        if set(self.price) != set(self.brands):
            msg = f"a price of each brand: {', '.join(self.brands)}"
            raise ValueError(msg)
        return self

"""The same world without any effect."""

from __future__ import annotations

from loyalty_research.worlds.parameters import Entry, Parameters, Responses, Seasons


def without_effects(parameters: Parameters) -> Parameters:
    """Return ``parameters`` with every effect taken out.

    Heterogeneity of rates and baskets stays; all customers have long been buying.
    """
    timing = parameters.timing
    still = (
        {"dropout": None}
        if timing.family == "exponential"
        else {"log_churn_mean": None, "trend_sd": 0.0}
    )
    shop = parameters.shop
    flat = {
        key: item.model_copy(update={"months": (1.0,) * 12})
        for key, item in shop.categories.items()
    }
    changes: dict[str, object] = {
        "timing": timing.model_copy(update=still),
        "entry": Entry(established=True),
        "seasons": Seasons(),
        "shop": shop.model_copy(
            update={
                "categories": flat,
                "later_channels": None,
                "coupon": None,
                "places": tuple(place.model_copy(update={"opening": 0}) for place in shop.places),
                "products": tuple(
                    item.model_copy(update={"launched_after": 0}) for item in shop.products
                ),
            }
        ),
        "basket": parameters.basket.model_copy(update={"gap_effect": 0.0}),
        "people": parameters.people.model_copy(update={"attitude_rate_correlation": 0.0}),
        "promotions": tuple(
            item.model_copy(update={"depth": 0, "lift": 0.0, "pull": 0.0})
            for item in parameters.promotions
        ),
        "campaigns": tuple(
            item.model_copy(
                update={
                    "target": "random",
                    "slope": 0.0,
                    "lift": 0.0,
                    "intent_effect": 0.0,
                    "coupon": 0,
                }
            )
            for item in parameters.campaigns
        ),
    }
    if parameters.programme is not None:
        changes["programme"] = parameters.programme.model_copy(
            update={"join_slope": 0.0, "responses": Responses()}
        )
    if parameters.feedback is not None:
        changes["feedback"] = parameters.feedback.model_copy(
            update={"fix": None, "complaint_leave": 0.0, "answer_keeps": 0.0}
        )
    if parameters.survey is not None:
        unrelated = {
            key: item.model_copy(update={"paths": {}})
            for key, item in parameters.survey.constructs.items()
        }
        tasks = parameters.survey.benefits
        alike = tasks and tasks.model_copy(
            update={"utilities": dict.fromkeys(tasks.utilities, 0.0)}
        )
        changes["survey"] = parameters.survey.model_copy(
            update={"constructs": unrelated, "attitude": 0.0, "benefits": alike}
        )
    return parameters.model_copy(update=changes)

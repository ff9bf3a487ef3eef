"""A sentence for every rule of a programme, made from the rule itself."""

from __future__ import annotations

from decimal import Decimal

from loyalty_research.programmes.schema import (
    Benefit,
    Conversion,
    Earn,
    Expiry,
    Level,
    Reward,
    Tiers,
    Window,
)
from loyalty_research.programmes.wording import Wording


def text_of_earning(told: Wording, rule: Earn) -> str:
    """Return what earns points, how many, and under which conditions."""
    gains = told.several(f"{told.wallet(name)} {told.signed(rule.points)}" for name in rule.wallets)
    levels = [f"{told.level(name)} {told.signed(most)}" for name, most in rule.by_tier.items()]
    conditions = (
        told.say("whole", every=_each(told, rule)) if rule.whole else "",
        told.minimum(rule.minimum),
        told.say("cap_per_order", points=told.number(rule.cap_per_order))
        if rule.cap_per_order
        else "",
        told.cap(rule.cap) if rule.cap else "",
        told.say("streak", days=told.days(rule.streak)) if rule.streak else "",
        told.say("pending", days=told.days(rule.pending_days)) if rule.pending_days else "",
        told.partner(rule.partner),
        *told.where(rule.where),
    )
    return told.joined([told.behind(_occasion(told, rule, gains), levels), *conditions])


def _occasion(told: Wording, rule: Earn, gains: str) -> str:
    event = told.words.label("rule_event", rule.event) if rule.event else ""
    if rule.on in ("join", "birthday"):
        return told.say(f"earn_{rule.on}", gains=gains)
    if rule.on == "event" and rule.per != "amount":
        return told.say("earn_event", gains=gains, event=event)
    if rule.on == "event":
        return told.say("earn_event_amount", gains=gains, event=event, every=_each(told, rule))
    if rule.per in ("amount", "item"):
        return told.say("earn_each", gains=gains, every=_each(told, rule))
    return told.say(f"earn_{rule.per}", gains=gains)


def _each(told: Wording, rule: Earn) -> str:
    """Return the amount, or the number of items, that earns once."""
    if rule.per == "amount":
        return told.money(rule.every)
    key = "item" if rule.every == 1 else "items"
    return told.say(key, count=told.number(rule.every))


def text_of_expiry(told: Wording, wallet: str, expiry: Expiry) -> str:
    """Return how long the points of a wallet live."""
    time = told.months(expiry.months) if expiry.months else ""
    if expiry.days is not None:
        time = told.days(expiry.days)
    if expiry.rule == "never" and told.programme.origin == "published" and not expiry.source:
        text = told.say(f"expiry_unknown_{told.programme.status}")
    elif expiry.rule == "fixed" and expiry.days == 0:
        text = told.say("expiry_same_day")
    elif expiry.rule.startswith("end_of"):
        end = told.words.label("rule_end", expiry.rule)
        text = told.say("expiry_end_later", time=time, end=end) if time else ""
        text = text or told.say("expiry_end", end=end)
    else:
        text = told.say(f"expiry_{expiry.rule}", **({"time": time} if time else {}))
    spared = told.several(map(told.level, expiry.never_for))
    sparing = told.say("expiry_spared", levels=spared) if spared else ""
    return told.say("of_wallet", wallet=told.wallet(wallet), text=told.joined([text, sparing]))


def text_of_levels(told: Wording, tiers: Tiers) -> str:
    """Return what counts for levels, over which time, and how long they last."""
    window, validity = tiers.window, tiers.validity
    metric = told.wallet(tiers.wallet) if tiers.wallet else ""
    metric = metric or told.words.label("rule_metric", tiers.metric)
    lasting = {"months": told.months(validity.months or 0), "windows": str(validity.windows)}
    kind = "window_more" if validity.kind == "window" and validity.windows else validity.kind
    return told.joined(
        [
            told.say(
                "metric",
                metric=metric,
                window=_window(told, window),
            ),
            told.say(f"upgrade_{tiers.upgrade}"),
            told.say(f"validity_{kind}", **lasting),
            told.say("soft_landing") if tiers.soft_landing else "",
            told.say("grace", days=told.days(tiers.grace_days)) if tiers.grace_days else "",
        ]
    )


def _window(told: Wording, window: Window) -> str:
    named = {1: "month", 3: "quarter", 12: "year"}.get(window.months)
    if window.kind == "calendar" and named:
        return told.say(f"window_{named}")
    return told.say(f"window_{window.kind}", months=told.months(window.months))


def text_of_level(told: Wording, tiers: Tiers, level: Level) -> str:
    """Return how a level is reached and kept."""
    parts = []
    if level.threshold:
        parts.append(told.say("threshold", amount=_measure(told, tiers, level.threshold)))
    elif level.threshold is not None and not level.fee:
        parts.append(told.say("every_member"))
    if level.requalify is not None:
        parts.append(told.say("requalify", amount=_measure(told, tiers, level.requalify)))
    events = [told.words.label("rule_event", event) for event in level.granted_by]
    if events:
        parts.append(told.say("granted", events=told.several(events)))
    if level.fee:
        amount, months = told.money(level.fee.amount), told.months(level.fee.months)
        parts.append(told.say("fee", amount=amount, months=months))
    if level.for_life_at:
        parts.append(told.say("for_life", amount=_measure(told, tiers, level.for_life_at)))
    return told.joined(parts)


def _measure(told: Wording, tiers: Tiers, value: Decimal) -> str:
    if tiers.metric == "spend":
        return told.money(value)
    if tiers.metric == "wallet":
        return f"{told.number(value)} {told.wallet(tiers.wallet or '')}"
    return told.words.value(float(value), "orders" if tiers.metric == "orders" else "occasions")


def text_of_conversion(told: Wording, move: Conversion) -> str:
    """Return what is turned into what, and when."""
    return told.say(
        "conversion",
        take=f"{told.number(move.take)} {told.wallet(move.source_wallet)}",
        give=f"{told.number(move.give)} {told.wallet(move.target_wallet)}",
        when=told.words.label("rule_when", move.at),
    )


def text_of_reward(told: Wording, reward: Reward) -> str:
    """Return what a reward takes, what it is worth, and its limits."""
    price = f"{told.number(reward.points)} {told.wallet(reward.wallet)}"
    return told.joined(
        [
            told.say("price", price=price),
            _worth(told, reward),
            told.say("cost", amount=told.money(reward.cost)) if reward.cost is not None else "",
            told.minimum(reward.minimum),
            told.say("most_of_order", share=told.share(reward.most_of_order))
            if reward.most_of_order is not None
            else "",
            told.limit(reward.limit) if reward.limit else "",
            told.partner(reward.partner),
            *told.where(reward.where),
        ]
    )


def _worth(told: Wording, reward: Reward) -> str:
    if reward.percent is not None:
        return told.say("percent_off", share=told.share(reward.percent))
    if reward.value is None:
        return told.say("value_unknown")
    kind = "value_at_most" if reward.value_is == "at_most" else "value"
    return told.say(kind, amount=told.money(reward.value))


def text_of_benefit(told: Wording, benefit: Benefit) -> str:
    """Return who has a benefit, how often, and what is known of its worth."""
    levels = told.several(map(told.level, benefit.tiers))
    value, cost, share = benefit.value, benefit.cost, benefit.take_up
    return told.joined(
        [
            told.say(f"benefit_{benefit.per}"),
            told.say("only", names=levels) if levels else "",
            told.say("value_unknown")
            if value is None
            else told.say("value", amount=told.money(value)),
            told.say("cost", amount=told.money(cost)) if cost is not None else "",
            told.say("take_up", share=told.share(share)) if share is not None else "",
        ]
    )

"""The weekly loop in pandas: customers, lots and orders of the week as frames.

Everybody is a member, alive, without a past; the rest is as in :mod:`weekly.loop`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from weekly import numbers as of
from weekly.loop import YEAR, Setting, poisson, scaled
from weekly.numbers import Numbers
from weekly.people import TERMS, People, strengths
from weekly.rules import MONEY, NEVER, Rules, day_of, rules_of


def simulate(people: People, programme: Any, responses: dict[str, Any], setting: Setting) -> Any:
    """Return the discounted gain of each customer."""
    first = day_of(setting.start)
    weeks = setting.periods + int(responses["H"])
    rules = rules_of(programme, first, first + 7 * weeks + 7)
    run = _Run(people, rules, responses, setting)
    for t in range(weeks):
        run.week(t, first + 7 * t, washout=t >= setting.periods)
    return run.gain(first + 7 * weeks - 1, weeks)


class _Run:
    def __init__(
        self, people: People, rules: Rules, responses: dict[str, Any], setting: Setting
    ) -> None:
        self.rules, self.responses, self.setting = rules, responses, setting
        self.u = Numbers(setting.seed, people.keys)
        theta = strengths(people, self.u, responses)
        n = len(people)
        zeros = np.zeros(n, dtype=np.int64)
        self.unit = MONEY if rules.metric == "spend" else 1
        self.limits = rules.thresholds * self.unit
        self.keeps = rules.requalify * self.unit
        self.c = pd.DataFrame(
            {f"theta_{name}": theta[k] for k, name in enumerate(TERMS)}
            | {"rate": people.rate, "z": people.z, "a": people.mean_amount}
            | {"dropout": people.dropout, "alive": True, "began": False, "carried": 0.0}
            | dict.fromkeys(("points", "anchor", "metric", "orders", "earned", "expired"), zeros)
            | dict.fromkeys(("level", "block", "redeemed"), zeros)
            | {"until": NEVER, "rewarded": -NEVER, "fell": -NEVER, "money": 0.0}
        )
        count = np.diff(people.starts)
        place = np.arange(len(people.amount)) - np.repeat(people.starts[:-1], count)
        self.templates = pd.DataFrame(
            {"row": np.repeat(np.arange(n), count), "pick": place, "weekday": people.day}
            | {"second": people.second, "template": people.amount}
        )
        self.count = count
        self.lots = pd.DataFrame({"row": zeros[:0], "last": zeros[:0], "points": zeros[:0]})
        self.lifts = pd.DataFrame(np.zeros((n, int(responses["H"]))))

    def week(self, t: int, day: int, *, washout: bool) -> None:
        c, r = self.c, self.responses
        self._expire(pd.Series(day, index=c.index), day)
        self._turn(c.index[c["began"]], pd.Series(day, index=c.index))
        x = self._covariates(day, washout=washout)
        terms = pd.DataFrame({name: c[f"theta_{name}"] * x[name] for name in TERMS})
        m = np.exp(terms.sum(axis=1).clip(-1.5, 1.5))
        m0 = np.exp(terms.drop(columns=["points", "tier"]).sum(axis=1).clip(-1.5, 1.5))
        logit = np.log(c["dropout"] / (1 - c["dropout"])) + r["d_1"] * c["z"] - r["d_L"] * x["loss"]
        c["alive"] &= ~(self.u(t, of.DROPOUT) < 1 / (1 + np.exp(-logit)))
        season = float(self.setting.season[t % len(self.setting.season)])
        owed = r["psi"] * self.lifts.mean(axis=1) + c["carried"]
        paid = np.minimum(owed, (season * m - 0.05 * season).clip(lower=0))
        c["carried"] = owed - paid
        lift = pd.Series(0.0, index=c.index) if washout else season * (m - m0).clip(lower=0)
        self.lifts[t % self.lifts.shape[1]] = lift
        n = poisson((c["rate"] * (season * m - paid)).to_numpy(), self.u(t, of.ORDERS)) * c["alive"]
        basket = m0 + (1 - r["psi"]) * (m - m0)
        self._orders(t, day, n, np.exp(r["c"] * np.log(basket).clip(lower=0)))

    def _covariates(self, day: int, *, washout: bool) -> pd.DataFrame:
        c, r, rules = self.c, self.responses, self.rules
        c["anchor"] = c[["anchor", "points"]].min(axis=1)
        x = pd.DataFrame(0.0, index=c.index, columns=list(TERMS))
        net = (c["earned"] - c["expired"]) / c["orders"].clip(lower=5)
        x["value"] = (rules.worth.max() * net / c["a"]).clip(0, 0.25)
        if not washout:
            over = pd.DataFrame({k: c["anchor"].where(c["anchor"] < price)
                                 for k, price in enumerate(rules.prices)})  # fmt: skip
            price = over.notna().mul(pd.Series(rules.prices)).where(over.notna()).min(axis=1)
            g = ((c["points"] - c["anchor"]) / (price - c["anchor"])).clip(upper=1)
            x["points"] = (g ** r["kappa"]).fillna(0)
            x["tier"] = self._tier(day)
        x["reward"] = np.exp(-(day - c["rewarded"]) / 7 / r["tau_R"])
        x["loss"] = -np.exp(-(day - c["fell"]) / 7 / r["tau_L"])
        return x.mul(c["began"], axis=0)

    def _tier(self, day: int) -> Any:
        c, rules = self.c, self.rules
        own = c["rate"] * (c["a"] * self.unit if rules.metric == "spend" else 1)
        closes = int(rules.closes[rules.block[day - rules.first]])
        weeks = 52.0 if closes == NEVER else (closes - day + 1) / 7
        goals = pd.DataFrame(
            {level: pd.Series(limit, index=c.index).where(
                (c["level"] < level) & (limit > c["metric"]))
             for level, limit in enumerate(self.limits) if level}
        )  # fmt: skip
        rise = (goals.min(axis=1) - c["metric"]) / weeks
        keep = pd.Series(self.keeps[c["level"]], index=c.index) - c["metric"]
        keep = keep.where((c["level"] > 0) & (c["until"] == closes) & (keep > 0)) / weeks
        near = [np.exp(-0.5 * (np.log(goal / own) / self.responses["sigma_T"]) ** 2)
                for goal in (rise, keep)]  # fmt: skip
        return pd.concat(near, axis=1).max(axis=1).fillna(0)

    def _orders(self, t: int, day: int, n: Any, factor: Any) -> None:
        c = self.c
        orders = pd.DataFrame({"row": np.repeat(c.index, n)})
        orders["number"] = orders.groupby("row").cumcount()
        uniform = self.u(t, of.TEMPLATE, orders["number"].to_numpy(), orders["row"].to_numpy())
        orders["pick"] = np.floor(uniform * self.count[orders["row"]]).astype(int)
        orders = orders.merge(self.templates, on=["row", "pick"], how="left")
        orders["day"] = day + (orders["weekday"] - (day + 3) % 7) % 7
        orders["amount"] = scaled(
            orders["template"].to_numpy(), factor.loc[orders["row"]].to_numpy()
        )
        orders = orders.sort_values(["row", "day", "second", "number"])
        orders["place"] = orders.groupby("row").cumcount()
        disc = (1 + self.setting.discount) ** (-t / YEAR)
        worth = disc * self.setting.margin * orders.groupby("row")["amount"].sum() / MONEY
        c["money"] = c["money"].add(worth, fill_value=0)
        for _, now in orders.groupby("place"):
            self._one(t, now.set_index("row"), disc)

    def _one(self, t: int, now: pd.DataFrame, disc: float) -> None:
        c, rules, rows = self.c, self.rules, now.index
        self._expire(now["day"], int(now["day"].max()))
        fresh = rows[~c.loc[rows, "began"]]
        c.loc[fresh, "began"] = True
        c.loc[fresh, "block"] = rules.block[now.loc[fresh, "day"] - rules.first]
        self._turn(rows, now["day"])
        c.loc[rows, "anchor"] = c.loc[rows, ["anchor", "points"]].min(axis=1)
        got = self._redeem(t, now, disc)
        rate = rules.rate[c.loc[rows, "level"]]
        points = now["amount"] * rate // rules.over
        last = rules.ends[rules.bucket[now["day"] - rules.first]]
        lots = pd.DataFrame({"row": rows, "last": last, "points": points.to_numpy()})
        both = pd.concat([self.lots, lots])
        self.lots = both.groupby(["row", "last"], as_index=False)["points"].sum()
        for name, more in (("points", points), ("earned", points), ("orders", 1)):
            c.loc[rows, name] += more
        c.loc[got, "anchor"] = c.loc[got, "points"]
        c.loc[rows, "metric"] += now["amount"] if rules.metric == "spend" else 1
        reached = np.searchsorted(self.limits[1:], c.loc[rows, "metric"], side="right")
        up = pd.Series(reached, index=rows)[reached > c.loc[rows, "level"]]
        self._give(up.index, up, c.loc[up.index, "block"])

    def _redeem(self, t: int, now: pd.DataFrame, disc: float) -> Any:
        """Let redeem; return who did."""
        c, r, rules = self.c, self.responses, self.rules
        able = now[c.loc[now.index, "points"] >= rules.prices.min()]
        if not len(able):
            return able.index
        ratio = (c.loc[able.index, "points"] / rules.prices.min() - 1).clip(upper=5)
        mine = self.lots[self.lots["row"].isin(able.index) & (self.lots["points"] > 0)]
        soon = mine.groupby("row")["last"].min().loc[able.index] <= able["day"] + 28
        chance = 1 / (1 + np.exp(-(r["q_0"] + r["q_1"] * ratio + r["q_2"] * soon)))
        uniform = self.u(t, of.REDEEM, able["number"].to_numpy(), able.index.to_numpy())
        able = able[uniform < chance]
        if not len(able):
            return able.index
        order = sorted(range(len(rules.prices)), key=lambda k: (-rules.worth[k], rules.prices[k]))
        held = c.loc[able.index, "points"]
        reward = pd.Series(-1, index=able.index)
        for k in reversed(order):
            reward[held >= rules.prices[k]] = k
        price = pd.Series(rules.prices[reward], index=able.index)
        self._spend(price)
        c.loc[able.index, "points"] -= price
        c.loc[able.index, "redeemed"] += price
        c.loc[able.index, "rewarded"] = able["day"]
        unit = np.where(np.isnan(rules.costs), rules.faces * (1 - self.setting.margin),
                        rules.costs)  # fmt: skip
        lost = r["zeta"] * np.nan_to_num(rules.faces) * self.setting.margin
        c.loc[able.index, "money"] -= disc * (unit + lost)[reward]
        return able.index

    def _spend(self, price: pd.Series[Any]) -> None:
        """Take points out of lots, the earliest last day first."""
        lots = self.lots.sort_values(["row", "last"])
        owed = lots["row"].map(price).fillna(0)
        before = lots.groupby("row")["points"].cumsum() - lots["points"]
        lots["points"] -= np.minimum((owed - before).clip(lower=0), lots["points"]).astype(int)
        self.lots = lots[lots["points"] > 0]

    def _expire(self, day: pd.Series[Any], latest: int) -> None:
        old = self.lots[self.lots["last"] < latest]
        old = old[old["last"] < old["row"].map(day)]
        if len(old):
            gone = old.groupby("row")["points"].sum()
            self.c.loc[gone.index, "points"] -= gone
            self.c.loc[gone.index, "expired"] += gone
            self.lots = self.lots.drop(old.index)
        self.lots = self.lots.reset_index(drop=True)

    def _turn(self, rows: Any, day: pd.Series[Any]) -> None:
        c, rules = self.c, self.rules
        block = pd.Series(rules.block[day.loc[rows] - rules.first], index=rows)
        behind = rows[c.loc[rows, "block"] < block]
        if not len(behind):
            return
        c.loc[behind, "block"] = block.loc[behind]
        over = behind[c.loc[behind, "until"] < rules.opens[block.loc[behind]]]
        held, metric = c.loc[over, "level"], c.loc[over, "metric"]
        met = np.searchsorted(self.keeps[1:], metric, side="right")
        lower = np.maximum(held - 1, met) if rules.soft else met
        level = held.where(met >= held, lower)
        down = over[level < held]
        c.loc[down, "fell"] = rules.opens[block.loc[down]]
        self._give(over, level, block.loc[over])
        c.loc[behind, "metric"] = 0

    def _give(self, rows: Any, level: Any, block: Any) -> None:
        closes = self.rules.closes
        last = np.asarray(block) + self.rules.windows
        until = np.where(last < len(closes), closes[np.minimum(last, len(closes) - 1)], NEVER)
        if self.rules.lasting:
            until[:] = NEVER
        self.c.loc[rows, "level"] = level
        self.c.loc[rows, "until"] = np.where(level > 0, until, NEVER)

    def gain(self, day: int, weeks: int) -> Any:
        """Return the gain after what is still owed."""
        c, rules = self.c, self.rules
        self._expire(pd.Series(day, index=c.index), day)
        worth = rules.worth
        unit = np.where(np.isnan(rules.costs), rules.faces * (1 - self.setting.margin),
                        rules.costs)  # fmt: skip
        each = (unit / rules.prices)[worth >= worth.max() * (1 - 1e-12)].min()
        gone = c["redeemed"].sum() + c["expired"].sum()
        share = c["redeemed"].sum() / gone if gone else 1.0
        disc = (1 + self.setting.discount) ** (-(weeks - 1) / YEAR)
        return (c["money"] - c["points"] * each * share * disc).to_numpy()

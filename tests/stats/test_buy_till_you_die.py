"""The kernels of the customer models: gradients, simulated processes, bounds, extreme histories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1

from loyalty_research.stats import fit_gamma_poisson
from loyalty_research.stats.buy_till_you_die import (
    FAMILIES,
    Histories,
    fit_amounts,
    fit_histories,
    gamma_gamma,
    gathered,
    pareto_nbd,
)

CLOSE = 1e-9
SLOPE = 1e-5
"""Central differences of a log-likelihood against its gradient, relative."""
ERRORS = 4.5
"""Standard errors that a mean of simulated customers may be off."""
THETA = {
    "nbd": np.array([0.8, 6.0]),
    "bg_nbd": np.array([0.8, 6.0, 0.8, 2.5]),
    "mbg_nbd": np.array([0.8, 6.0, 0.8, 2.5]),
    "pareto_nbd": np.array([0.8, 6.0, 0.7, 12.0]),
}
NAMES = sorted(THETA)
OTHERS = {
    "few": [0.05, 0.4, 0.03, 0.2],
    "alike": [40.0, 300.0, 60.0, 200.0],
    "scale": [1.3, 0.02, 2.0, 90.0],
}
LIVES = 50_000


@dataclass(frozen=True)
class Lives:
    """Customers that lived: purchases up to a day, the last of them, purchases after, departure."""

    x: np.ndarray
    last: np.ndarray
    after: np.ndarray
    left: np.ndarray


def live(name: str, size: int, age: float, *, ahead: float = 0.0, seed: int) -> Lives:
    """Let customers buy one purchase after another, as the model tells its story."""
    rng = np.random.default_rng(seed)
    theta = THETA[name]
    rate = rng.gamma(theta[0], 1 / theta[1], size)
    chance, left = np.zeros(size), np.full(size, np.inf)
    if name in {"bg_nbd", "mbg_nbd"}:
        chance = rng.beta(theta[2], theta[3], size)
    if name == "pareto_nbd":
        left = rng.exponential(1 / rng.gamma(theta[2], 1 / theta[3], size))
    if name == "mbg_nbd":
        left[rng.random(size) < chance] = 0.0
    x, last, after, now = (np.zeros(size) for _ in range(4))
    rows = np.flatnonzero(left > 0)
    while len(rows):
        now[rows] += rng.exponential(1 / rate[rows])
        rows = rows[now[rows] <= np.minimum(left[rows], age + ahead)]
        early = rows[now[rows] <= age]
        x[early] += 1
        last[early] = now[early]
        after[rows[now[rows] > age]] += 1
        going = rng.random(len(rows)) < chance[rows]
        left[rows[going]] = now[rows[going]]
        rows = rows[~going]
    return Lives(x, last, after, left)


def one(x: float, recency: float, age: float) -> Histories:
    return Histories(*(np.array([value]) for value in (float(x), recency, age, 1.0)))


def sample(seed: int = 0, size: int = 300) -> Histories:
    rng = np.random.default_rng(seed)
    x = rng.negative_binomial(0.8, 0.2, size).astype(float)
    age = rng.uniform(0.5, 60, size)
    recency = np.where(x > 0, age * rng.uniform(0, 1, size), 0.0)
    return Histories(x, recency, age, rng.integers(1, 4, size).astype(float))


@pytest.mark.parametrize("other", ["base", *OTHERS])
@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_is_that_of_the_likelihood(name: str, other: str) -> None:
    theta = THETA[name] if other == "base" else np.array(OTHERS[other][: len(THETA[name])])
    function = FAMILIES[name].log_likelihood(sample())
    logs = np.log(theta)
    _, slope = function(logs)
    for place in range(len(logs)):
        shift = np.eye(len(logs))[place] * 1e-5
        difference = (function(logs + shift)[0] - function(logs - shift)[0]) / 2e-5
        assert slope[place] == pytest.approx(difference, rel=SLOPE, abs=1e-4)


@pytest.mark.parametrize("theta", [[6.0, 4.0, 15.0], [0.4, 1.2, 300.0], [50.0, 30.0, 2.0]])
def test_the_gradient_of_spend_is_that_of_its_likelihood(theta: list[float]) -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(1, 40, 200).astype(float)
    function = gamma_gamma.log_likelihood(x, rng.gamma(2, 10, 200), rng.integers(1, 3, 200) * 1.0)
    logs = np.log(theta)
    _, slope = function(logs)
    for place in range(3):
        shift = np.eye(3)[place] * 1e-5
        difference = (function(logs + shift)[0] - function(logs - shift)[0]) / 2e-5
        assert slope[place] == pytest.approx(difference, rel=SLOPE, abs=1e-4)


@pytest.mark.parametrize(("x", "recency", "age"), [(0, 0.0, 9.0), (1, 3.0, 9.0), (6, 8.5, 9.0)])
def test_the_likelihood_of_pareto_nbd_is_its_story(x: int, recency: float, age: float) -> None:
    r, alpha, s, beta = theta = np.array([0.7, 3.0, 1.6, 8.0])
    value, _ = FAMILIES["pareto_nbd"].log_likelihood(one(x, recency, age))(np.log(theta))

    def left_at(t: float) -> float:
        return s * (alpha + t) ** -(r + x) * (beta + t) ** -(s + 1)

    inside, _ = quad(left_at, recency, age, epsabs=0, epsrel=1e-12)
    stays = (alpha + age) ** -(r + x) * (beta + age) ** -s
    front = np.exp(gammaln(r + x) - gammaln(r)) * alpha**r * beta**s
    assert value == pytest.approx(np.log(front * (stays + inside)), rel=CLOSE)


@pytest.mark.parametrize(("x", "t"), [(0, 0.3), (2, 39.0), (25, 5.0), (3, 400.0)])
def test_orders_ahead_of_bg_nbd_are_the_papers_where_its_series_holds(x: int, t: float) -> None:
    r, alpha, a, b = theta = np.array([0.25, 4.4, 0.79, 2.43])
    age, c = 38.86, r + x
    mean = FAMILIES["bg_nbd"].future(theta, np.array([float(x)]), np.array([age]), t)
    series = hyp2f1(c, b + x, a + b + x - 1, t / (alpha + age + t))
    paper = 1 - ((alpha + age) / (alpha + age + t)) ** c * series
    assert mean[0] == pytest.approx((a + b + x - 1) / (a - 1) * paper, rel=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_new_customers_buy_as_often_as_expected(name: str) -> None:
    for until in (2.0, 52.0):
        bought = live(name, LIVES, until, seed=1).x
        expected = FAMILIES[name].ahead_of_new(THETA[name], np.array([until]))
        assert abs(bought.mean() - expected[0]) < ERRORS * bought.std() / np.sqrt(LIVES)


@pytest.mark.parametrize("x", [0, 1, 4])
@pytest.mark.parametrize("name", NAMES)
def test_customers_with_a_history_go_on_as_expected(name: str, x: int) -> None:
    family, theta, age, ahead = FAMILIES[name], THETA[name], 20.0, 26.0
    lives = live(name, 4 * LIVES, age, ahead=ahead, seed=2 + x)
    alike = (lives.x == x) & ((lives.last > 8) & (lives.last < 14) if x else True)
    assert alike.sum() > 1_000
    bought, alive = lives.after[alike], (lives.left > age)[alike]
    size = int(alike.sum())
    rows = Histories(lives.x[alike], lives.last[alike], np.full(size, age), np.ones(size))
    chance = family.p_alive(theta, rows)
    mean = family.future(theta, rows.x, rows.age, ahead)
    factorial = family.future_pairs(theta, rows.x, rows.age, ahead)
    root = np.sqrt(size)
    assert abs(alive.mean() - chance.mean()) <= ERRORS * alive.std() / root + CLOSE
    assert abs(bought.mean() - (chance * mean).mean()) < ERRORS * bought.std() / root
    pairs = bought * (bought - 1.0)
    assert abs(pairs.mean() - (chance * factorial).mean()) < ERRORS * pairs.std() / root


def test_spend_is_drawn_to_the_mean_as_simulated_customers_are() -> None:
    rng = np.random.default_rng(9)
    p, q, v = theta = np.array([4.0, 5.0, 40.0])
    rate = rng.gamma(q, 1 / v, 400_000)
    mean = rng.gamma(3 * p, 1 / (3 * rate))
    alike = (mean > 18) & (mean < 19)
    own = p / rate[alike]
    expected = gamma_gamma.expected_mean(theta, np.full(alike.sum(), 3.0), mean[alike])
    assert abs(own.mean() - expected.mean()) < ERRORS * own.std() / np.sqrt(alike.sum())
    assert gamma_gamma.expected_mean(theta, np.zeros(1), np.zeros(1))[0] == pytest.approx(
        (p / rate).mean(), rel=0.01
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("x", "recency", "age"),
    [(5000, 51.9, 52.0), (5000, 10.0, 52.0), (0, 0.0, 0.0), (3, 0.0, 0.0), (1, 0.0, 9.0)],
)
def test_extreme_histories_give_numbers(name: str, x: int, recency: float, age: float) -> None:
    family = FAMILIES[name]
    for theta in (THETA[name], *(np.array(o[: len(THETA[name])]) for o in OTHERS.values())):
        value, slope = family.log_likelihood(one(x, recency, age))(np.log(theta))
        alive = family.p_alive(theta, one(x, recency, age))
        rows = np.array([float(x)]), np.array([age])
        moments = [of(theta, *rows, 52.0) for of in (family.future, family.future_pairs)]
        numbers = np.concatenate([[value], slope, alive, *moments])
        assert np.isfinite(numbers).all()
        assert 0 <= alive[0] <= 1
        assert moments[0][0] >= 0


def test_many_orders_change_what_is_expected_smoothly() -> None:
    theta = THETA["bg_nbd"]
    x = np.arange(1, 3000, dtype=float)
    given = theta, x, np.full(len(x), 52.0), 26.0
    mean, pairs = FAMILIES["bg_nbd"].future(*given), FAMILIES["bg_nbd"].future_pairs(*given)
    rate = (theta[0] + x) / (theta[1] + 52) * 26
    assert (np.diff(mean) > 0).all()
    assert (mean < rate).all()
    assert (pairs <= rate * (rate + 1) * 1.1).all()


def test_few_nodes_are_enough_for_pareto_nbd(monkeypatch) -> None:
    rows = sample(3)
    before = {
        key: FAMILIES["pareto_nbd"].log_likelihood(rows)(np.log(theta))[0]
        for key, theta in OTHERS.items()
    }
    points, weights = np.polynomial.legendre.leggauss(200)
    monkeypatch.setattr(pareto_nbd, "_POINTS", (points + 1) / 2)
    monkeypatch.setattr(pareto_nbd, "_WEIGHTS", weights / 2)
    for key, theta in OTHERS.items():
        after = FAMILIES["pareto_nbd"].log_likelihood(rows)(np.log(theta))[0]
        assert before[key] == pytest.approx(after, rel=CLOSE)


def made(name: str, size: int, seed: int, age: float = 52.0) -> Histories:
    lives = live(name, size, age, seed=seed)
    return gathered(lives.x, lives.last, np.full(size, age))


@pytest.mark.parametrize("name", NAMES)
def test_truth_is_recovered(name: str) -> None:
    found = fit_histories(name, made(name, 20_000, seed=11))
    assert found.converged
    assert found.at_bound == ()
    errors = np.sqrt(np.diag(found.covariance))
    assert np.abs(np.log(found.values / THETA[name])).max() < ERRORS * errors.max()
    assert (np.abs(np.log(found.values / THETA[name])) < ERRORS * errors).all()
    assert found.dropout_identified == (name != "nbd")


@pytest.mark.parametrize("name", NAMES)
def test_equal_customers_may_come_as_one_row(name: str) -> None:
    rows = made(name, 3_000, seed=4)
    coarse = [np.ceil(rows.x), np.ceil(rows.recency), np.ceil(rows.age)]
    grouped = gathered(*coarse, rows.customers)
    assert len(grouped.x) < 0.5 * len(rows.x)
    assert grouped.base == rows.base == 3_000
    a = fit_histories(name, grouped)
    b = fit_histories(name, Histories(*coarse, rows.customers))
    assert a.log_likelihood == pytest.approx(b.log_likelihood, rel=1e-10)
    assert a.values == pytest.approx(b.values, rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_the_unit_of_time_is_of_no_account(name: str) -> None:
    rows = made(name, 3_000, seed=6)
    weeks, days = fit_histories(name, rows), fit_histories(name, rows.in_unit(1 / 7))
    scale = np.array([7.0 if key in {"alpha", "beta"} else 1.0 for key in weeks.parameters])
    assert days.values == pytest.approx(weeks.values * scale, rel=1e-3)
    bought = float(rows.x @ rows.customers)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - bought * np.log(7), rel=1e-9)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_no_dropout_is_recognised(name: str) -> None:
    rows = made("nbd", 3_000, seed=21)
    # Silence at the end as long as the other gaps: nothing that a departure would explain.
    regular = Histories(rows.x, rows.age * rows.x / (rows.x + 1), rows.age, rows.customers)
    found, plain = fit_histories(name, regular), fit_histories("nbd", regular)
    assert found.converged
    assert not found.dropout_identified
    assert found.at_bound == found.parameters[2:]
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=0.002)
    assert found.values[:2] == pytest.approx(plain.values, rel=1e-6)
    ahead = FAMILIES[name].future(found.values, rows.x, rows.age, 26.0)
    same = FAMILIES["nbd"].future(plain.values, rows.x, rows.age, 26.0)
    assert ahead == pytest.approx(same, rel=1e-3)
    assert FAMILIES[name].p_alive(found.values, regular) == pytest.approx(1.0, abs=1e-3)


def test_equal_rates_and_equal_chances_are_recognised() -> None:
    rng = np.random.default_rng(8)
    size, age, chance = 4_000, 52.0, 0.25
    leaves = rng.geometric(chance, size)
    times = np.cumsum(rng.exponential(8.0, (size, 60)), axis=1)
    inside = (times <= age) & (np.arange(60) < leaves[:, None])
    x, last = inside.sum(axis=1) * 1.0, np.where(inside, times, 0.0).max(axis=1)
    found = fit_histories("bg_nbd", gathered(x, last, np.full(size, age)))
    r, alpha, a, b = found.values
    assert r / alpha == pytest.approx(1 / 8.0, rel=0.05)
    assert a / (a + b) == pytest.approx(chance, rel=0.1)
    errors = np.sqrt(np.diag(found.covariance))
    vague = {key for key, error in zip(found.parameters, errors, strict=True) if error > 0.3}
    assert {"r", "a"} <= vague | set(found.at_bound)
    assert found.dropout_identified


def test_nbd_agrees_with_the_model_of_counts() -> None:
    rows = made("nbd", 5_000, seed=3)
    found = fit_histories("nbd", rows)
    counts = fit_gamma_poisson(rows.x, rows.age, rows.customers)
    assert found.values == pytest.approx((counts.r, counts.alpha), rel=2e-3)


def test_alike_spend_is_at_its_bound() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(1, 9, 4_000).astype(float)
    found = fit_amounts(x, rng.gamma(5 * x) / (5 * x) * 20, np.ones(len(x)))
    assert {"q", "v"} <= set(found.at_bound) or found.covariance[1, 1] > 0.3**2
    p, q, v = found.values
    assert p * v / (q - 1) == pytest.approx(20, rel=0.02)


def test_gathering_keeps_every_customer() -> None:
    rng = np.random.default_rng(1)
    for size, digits in ((50, 0), (30_000, 0), (30_000, 12)):
        x = rng.integers(0, 4, size) * 1.0
        recency, age = (np.round(rng.uniform(0, 9, size), digits) for _ in range(2))
        rows = gathered(x, recency, age)
        assert rows.base == size
        assert float(rows.customers @ rows.recency) == pytest.approx(recency.sum())
        assert float(rows.customers @ (rows.x * rows.age)) == pytest.approx(x @ age)
        if digits == 0:
            assert len(rows.x) <= 4 * 10 * 10
            order = np.lexsort((rows.age, rows.recency, rows.x))
            assert (order == np.arange(len(order))).all()

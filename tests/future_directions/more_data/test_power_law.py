"""Power laws are recovered where there is one, and their forecasts carry an honest interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.future_directions.more_data import power_law
from ytcat.future_directions.more_data.power_law import PowerLaw

SIZES = [281, 562, 1125, 2250, 4500]


def answers(law, seed, sizes=SIZES, n_test=1000, repeats=3):
    """As many correct as the law says; the same videos are hard for every size."""
    hard = np.random.default_rng(seed).random(n_test)
    return {
        n: np.array([hard < law.accuracy(n) for _ in range(repeats if n < sizes[-1] else 1)]) for n in sizes
    }


@settings(deadline=None)
@given(st.floats(0, 0.4), st.floats(0.05, 0.4), st.floats(0.15, 1))
def test_a_power_law_is_recovered(a, above, c):
    law = PowerLaw(a, above * SIZES[-1] ** c, c)
    fitted = power_law.fit(SIZES, law.accuracy(SIZES))
    np.testing.assert_allclose(fitted.accuracy(SIZES), law.accuracy(SIZES), atol=1e-4)
    assert fitted.accuracy(45_000) == pytest.approx(law.accuracy(45_000), abs=5e-3)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_any_accuracies_give_a_law_that_rises_and_stays_a_share(accuracies):
    sizes = 100 * 2 ** np.arange(len(accuracies))
    law = power_law.fit(sizes, accuracies)
    assert min(law) >= 0 and law.c <= power_law.STEEPEST
    further = law.accuracy(np.geomspace(sizes[-1], 1e6, 20))
    assert (np.diff(further) >= -1e-9).all()
    assert (further <= 1 + 1e-9).all()


def test_a_power_law_needs_three_sizes():
    with pytest.raises(ValueError, match="three sizes"):
        power_law.fit([100, 200, 200], [0.3, 0.4, 0.5])
    with pytest.raises(ValueError, match="three sizes"):
        power_law.forecast_held_out(
            answers(PowerLaw(0.3, 3, 0.4), 0, sizes=[100, 200, 400]), seed=0, resamples=5
        )


def test_a_forecast_has_the_law_in_its_interval_and_is_less_sure_further_on():
    law = PowerLaw(0.25, 3.0, 0.35)
    forecast = power_law.forecast(answers(law, 1), [4500, 9000, 45_000], seed=0, resamples=100)
    assert forecast["n_train"].tolist() == [4500, 9000, 45_000]
    assert (forecast["low"] <= forecast["value"]).all() and (forecast["value"] <= forecast["high"]).all()
    expected = law.accuracy(forecast["n_train"])
    assert ((forecast["low"] <= expected) & (expected <= forecast["high"])).all()
    width = forecast["high"] - forecast["low"]
    assert width[2] > width[0]
    again = power_law.forecast(answers(law, 1), [4500, 9000, 45_000], seed=0, resamples=100)
    assert again.equals(forecast)


def test_the_held_out_forecast_holds_out_the_largest_size_only():
    law = PowerLaw(0.25, 3.0, 0.35)
    correct = answers(law, 2)
    held_out = power_law.forecast_held_out(correct, seed=0, resamples=100)
    assert held_out.n_train == 4500
    assert held_out.missed == pytest.approx(held_out.measured - held_out.forecast)
    assert held_out.low < 0 < held_out.high
    assert abs(held_out.missed) < 0.02
    correct[4500] = correct[281]  # a curve that falls back at the end
    broken = power_law.forecast_held_out(correct, seed=0, resamples=100)
    assert broken.forecast == pytest.approx(held_out.forecast)
    assert broken.high < 0

"""Power laws are recovered where there is one, and their forecasts carry an honest interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.future_directions.more_data import power_law
from ytcat.future_directions.more_data.power_law import PowerLaw

SIZES = [281, 562, 1125, 2250, 4500]
CHANNELS = np.arange(1000)  # each test video is of its own channel


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
            answers(PowerLaw(0.3, 3, 0.4), 0, sizes=[100, 200, 400]), CHANNELS, seed=0, resamples=5
        )
    with pytest.raises(ValueError, match="three sizes"):
        power_law.forecast_held_out(answers(PowerLaw(0.3, 3, 0.4), 0), CHANNELS, 0, 5, doublings=3)


def test_a_forecast_has_the_law_in_its_interval_and_is_less_sure_further_on():
    law = PowerLaw(0.25, 3.0, 0.35)
    forecast = power_law.forecast(answers(law, 1), [4500, 9000, 45_000], CHANNELS, seed=0, resamples=100)
    assert forecast["n_train"].tolist() == [4500, 9000, 45_000]
    assert (forecast["low"] <= forecast["value"]).all() and (forecast["value"] <= forecast["high"]).all()
    expected = law.accuracy(forecast["n_train"])
    assert ((forecast["low"] <= expected) & (expected <= forecast["high"])).all()
    width = forecast["high"] - forecast["low"]
    assert width[2] > width[0]
    again = power_law.forecast(answers(law, 1), [4500, 9000, 45_000], CHANNELS, seed=0, resamples=100)
    assert again.equals(forecast)
    # What the law adds: nothing where it was measured, and the interval leaves out the level's noise.
    assert forecast["gain"][0] == 0 and forecast["gain_high"][0] == 0
    np.testing.assert_allclose(forecast["gain"], forecast["value"] - forecast["value"][0], atol=1e-12)
    assert forecast["gain_high"][1] - forecast["gain_low"][1] < width[1]
    by_channel = np.arange(1000) // 10  # the answers to videos of a channel are not alike here
    clustered = power_law.forecast(answers(law, 1), [4500], by_channel, seed=0, resamples=100)
    assert clustered["value"][0] == forecast["value"][0]


def test_a_forecast_is_less_sure_where_the_videos_of_a_channel_are_alike():
    law = PowerLaw(0.25, 3.0, 0.35)
    correct = {n: np.repeat(of_size[:, :100], 10, axis=1) for n, of_size in answers(law, 4).items()}
    alone, clustered = (
        power_law.forecast(correct, [4500], channels, seed=0, resamples=100)
        for channels in (CHANNELS, np.repeat(np.arange(100), 10))
    )
    width = [table["high"][0] - table["low"][0] for table in (alone, clustered)]
    assert width[1] > 2 * width[0]


def test_the_held_out_forecast_holds_out_the_largest_size_only():
    law = PowerLaw(0.25, 3.0, 0.35)
    correct = answers(law, 2)
    held_out = power_law.forecast_held_out(correct, CHANNELS, seed=0, resamples=100)
    assert held_out.n_train == 4500
    assert held_out.missed == pytest.approx(held_out.measured - held_out.forecast)
    assert held_out.low < 0 < held_out.high
    assert abs(held_out.missed) < 0.02
    further = power_law.forecast_held_out(correct, CHANNELS, seed=0, resamples=100, doublings=2)
    assert (further.n_train, further.measured) == (4500, held_out.measured)
    assert further.high - further.low > held_out.high - held_out.low  # two doublings are less sure
    assert further.low < 0 < further.high
    correct[4500] = correct[281]  # a curve that falls back at the end
    broken = power_law.forecast_held_out(correct, CHANNELS, seed=0, resamples=100)
    assert broken.forecast == pytest.approx(held_out.forecast)
    assert broken.high < 0


@settings(deadline=None)
@given(st.floats(0, 0.3), st.floats(0.05, 0.4), st.floats(0.15, 1), st.floats(0.3, 0.95))
def test_the_number_of_videos_for_an_accuracy_has_that_accuracy(a, above, c, accuracy):
    law = PowerLaw(a, above * SIZES[-1] ** c, c)
    n = law.videos_for(accuracy)
    if np.isinf(n):
        assert law.accuracy(1e300) <= accuracy + 1e-9
    else:
        assert law.accuracy(n) == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.parametrize(
    ("law", "needed"),
    [
        (PowerLaw(0.1, 0.4, 0.0), np.inf),  # a flat curve at 50 %
        (PowerLaw(0.2, 0.0, 0.5), 0.0),  # a flat curve at 80 %
        (PowerLaw(0.25, 0.1, 0.5), np.inf),  # 75 % is never reached
    ],
)
def test_a_flat_curve_needs_no_video_or_no_number_is_enough(law, needed):
    assert law.videos_for(0.75) == needed


def test_videos_needed_have_the_law_in_their_interval_and_say_where_none_is_enough():
    law = PowerLaw(0.1, 3.0, 0.35)
    found = power_law.videos_needed(answers(law, 2), 0.8, CHANNELS, seed=0, resamples=100)
    assert found["low"] <= law.videos_for(0.8) <= found["high"]
    assert found["low"] <= found["needed"] <= found["high"]
    never = power_law.videos_needed(answers(PowerLaw(0.5, 3.0, 0.6), 2), 0.9, CHANNELS, seed=0, resamples=20)
    assert never["needed"] == never["high"] == np.inf

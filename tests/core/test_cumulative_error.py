"""The tails of Brownian motion's maximum and range."""

import numpy as np
import pytest

from sklearn_calib._core.cumulative_error import brownian_maximum_sf, brownian_range_sf


def test_known_values_of_the_distributions():
    # Kolmogorov's constants for Brownian motion: P(max |B| > 2.2414) = 0.05, from 4 Q(x) = 0.05; the
    # range is at least the maximum and at most twice it.
    assert brownian_maximum_sf(2.2414) == pytest.approx(0.05, abs=1e-5)
    assert brownian_maximum_sf(2.8070) == pytest.approx(0.01, abs=1e-5)
    for x in np.linspace(0.5, 4, 15):
        assert brownian_maximum_sf(x) <= brownian_range_sf(x) <= brownian_maximum_sf(x / 2)


@pytest.mark.parametrize("tail", [brownian_maximum_sf, brownian_range_sf])
def test_tails_are_survival_functions_and_their_two_series_meet(tail):
    x = np.concatenate([np.linspace(0, 6, 400), [0.9999999, 1.0000001, 1.9999999, 2.0000001]])
    values = np.array([tail(v) for v in np.sort(x)])
    assert tail(0) == 1
    assert tail(-1) == 1
    assert 0 <= tail(60) < 1e-100
    assert np.all(np.diff(values) <= 1e-12)
    for switch in (1, 2):
        assert tail(switch - 1e-9) == pytest.approx(tail(switch + 1e-9), abs=1e-8)

import numpy as np
import pytest

from sklearn_calib.datasets import load_solar_flares


@pytest.mark.parametrize(("magnitude", "n_methods", "n_events"), [("C1", 11, 188), ("M1", 18, 26)])
def test_one_row_is_one_day(magnitude, n_methods, n_events):
    flares = load_solar_flares(magnitude)
    assert flares.data.shape == (731, n_methods)
    assert flares.feature_names == sorted(flares.feature_names)
    np.testing.assert_array_equal(
        flares.date, np.arange("2016-01-01", "2018-01-01", dtype="datetime64[D]")
    )
    assert flares.target.sum() == n_events
    np.testing.assert_array_equal(np.unique(flares.target), [0, 1])
    forecasts = flares.data[~np.isnan(flares.data)]
    assert np.all(((forecasts >= 0) & (forecasts <= 1)) | (forecasts == -0.01))


def test_the_methods_of_the_published_numbers_are_complete():
    for magnitude in ("C1", "M1"):
        flares = load_solar_flares(magnitude)
        for method in ("NOAA", "DAFFS"):
            column = flares.data[:, flares.feature_names.index(method)]
            assert not np.isnan(column).any()


def test_the_first_day():
    # NOAA said 70 % on 2016-01-01, and at least one C1.0 flare occurred.
    flares = load_solar_flares()
    assert flares.data[0, flares.feature_names.index("NOAA")] == 0.7
    assert flares.target[0] == 1


def test_stronger_flares_are_among_the_weaker():
    weak, strong = load_solar_flares("C1").target, load_solar_flares("M1").target
    assert np.all(weak >= strong)


def test_unknown_magnitude():
    with pytest.raises(ValueError, match="magnitude must be one of 'C1', 'M1'; got 'X1'"):
        load_solar_flares("X1")

import numpy as np
import pytest

from sklearn_calib.datasets import load_nfl_forecasts


def test_one_row_is_one_game():
    games = load_nfl_forecasts()
    assert games.data.shape == (1889, 1)
    assert games.target.shape == (1889,)
    assert len(set(games.team1)) == len(set(games.team2)) == 32
    assert not np.any(games.team1 == games.team2)
    # 256 games of the regular season and 11 finals; 13 finals in 2020; 272 and 13 in 2021
    seasons, count = np.unique(games.season, return_counts=True)
    np.testing.assert_array_equal(seasons, np.arange(2015, 2022))
    np.testing.assert_array_equal(count, [267, 267, 267, 267, 267, 269, 285])


def test_probabilities_and_outcomes():
    games = load_nfl_forecasts()
    assert np.all((games.data > 0.07) & (games.data < 0.96))
    outcomes, count = np.unique(games.target, return_counts=True)
    np.testing.assert_array_equal(outcomes, [0, 0.5, 1])
    np.testing.assert_array_equal(count, [852, 7, 1030])


def test_dates_are_sorted_and_of_their_season():
    games = load_nfl_forecasts()
    assert games.date.dtype == "datetime64[D]"
    assert np.all(np.diff(games.date) >= np.timedelta64(0, "D"))
    year = games.date.astype("datetime64[Y]").astype(int) + 1970
    assert np.all((year == games.season) | (year == games.season + 1))


def test_the_last_game_of_2015():
    # Super Bowl 50, 7 February 2016: the Broncos beat the Panthers 24 to 10.
    games = load_nfl_forecasts()
    (row,) = np.flatnonzero(games.date == np.datetime64("2016-02-07"))
    assert (games.season[row], games.team1[row], games.team2[row]) == (2015, "Broncos", "Panthers")
    assert games.data[row, 0] == pytest.approx(0.41467339282814875, abs=0)
    assert games.target[row] == 1


def test_frame_has_dates_and_categories():
    frame = load_nfl_forecasts(as_frame=True).frame
    assert list(frame) == ["prob1", "season", "date", "team1", "team2", "outcome"]
    assert frame["date"].dt.year.min() == 2015
    assert frame["team1"].dtype == "category"

"""Probability forecasts of American football games."""

import numpy as np

from sklearn_calib.datasets._base import load_arrays, load_description, make_result


def load_nfl_forecasts(*, return_X_y=False, as_frame=False):
    """Load FiveThirtyEight's forecasts of NFL games with their outcomes, 2015 to 2021.

    A row is one game of the seven seasons, sorted by date. Each forecast was published before its
    game. From 2019 on home teams won less often than before, and the forecasts followed only in
    part: a real drift.

    Parameters
    ----------
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (1889, 1), or DataFrame
            Forecast probability that the home team wins, in [0.07, 0.96]; never missing. That the
            other team wins has one minus it: a tie is not forecast.
        target : ndarray of shape (1889,) of float, or Series
            1 if the home team won, 0 if it lost, 0.5 for a tie (7 games). Metrics of 0/1 outcomes
            need the ties left out: `target != 0.5`.
        season : ndarray of shape (1889,) of int
            Year in which the season began, 2015 to 2021.
        date : ndarray of shape (1889,) of datetime64[D]
            Day of the game, never decreasing; the finals lie in the year after `season`.
        team1, team2 : ndarray of shape (1889,) of str
            Home team and its opponent. The last game of a season is played on neutral ground.
        feature_names : list of str
            `["prob1"]`, the name in the source.
        frame : DataFrame of shape (1889, 6) or None
            With `as_frame=True`: prob1, season, date, team1 and team2 (categories), outcome.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Data by FiveThirtyEight, licence CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), from
    github.com/fivethirtyeight/checking-our-work-data. Changed in row order, selection of columns
    and file format.

    References
    ----------
    FiveThirtyEight. "How Good Are FiveThirtyEight Forecasts?"
    https://projects.fivethirtyeight.com/checking-our-work/

    Examples
    --------
    >>> from sklearn_calib.datasets import load_nfl_forecasts
    >>> games = load_nfl_forecasts()
    >>> for season in (2018, 2021):
    ...     of_season = games.season == season
    ...     forecast, won = games.data[of_season].mean(), games.target[of_season].mean()
    ...     print(f"{season}: forecast {forecast:.1%}, won {won:.1%}")
    2018: forecast 58.4%, won 59.6%
    2021: forecast 58.6%, won 51.8%
    """
    arrays = load_arrays("nfl_forecasts")
    return make_result(
        arrays["prob1"][:, np.newaxis],
        arrays["outcome"],
        rows={name: arrays[name] for name in ("season", "date", "team1", "team2")},
        feature_names=["prob1"],
        target_name="outcome",
        DESCR=load_description("nfl_forecasts"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )

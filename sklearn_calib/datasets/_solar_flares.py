"""Probability forecasts of solar flares by several operational methods."""

from sklearn_calib._validation import check_option
from sklearn_calib.datasets._base import load_arrays, load_description, make_result


def load_solar_flares(magnitude="C1", *, return_X_y=False, as_frame=False):
    """Load daily forecasts of solar flares by operational methods with their outcomes, 2016 and 2017.

    A row is one day, a column one method: its probability that at least one flare of the magnitude, or
    stronger, occurs within 24 hours. Flares of magnitude C1 occur on a quarter of the days, those of
    magnitude M1 are rare.

    Parameters
    ----------
    magnitude : {"C1", "M1"}, default="C1"
        C1.0 or stronger (11 methods), or M1.0 or stronger (18 methods).
    return_X_y : bool, default=False
        Return `(data, target)` instead of a `Bunch`.
    as_frame : bool, default=False
        Return pandas objects: `data` a DataFrame, `target` a Series.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        Absent with `return_X_y=True`. Arrays are new on every call.

        data : ndarray of shape (731, 11) for C1, (731, 18) for M1, or DataFrame
            Forecast probabilities, one column per method, as published: NaN where a method issued none,
            and -0.01 on 136 days of MCEVOL and MCSTAT, which metrics refuse. NOAA and DAFFS are
            complete.
        target : ndarray of shape (731,) of int, or Series
            1 if the event occurred: on 188 days for C1, on 26 for M1.
        date : ndarray of shape (731,) of datetime64[D]
            The day, ascending, from 2016-01-01 to 2017-12-31.
        feature_names : list of str
            The methods, in alphabetical order.
        frame : DataFrame of shape (731, 13) for C1, (731, 20) for M1, or None
            With `as_frame=True`: the forecasts, date, event.
        DESCR : str
            Source, licence and selection.

    (data, target) : tuple if `return_X_y` is True
        The two of the above.

    Raises
    ------
    ValueError
        If `magnitude` is not one of the two.
    ImportError
        If `as_frame=True` and pandas is not installed.

    Notes
    -----
    Data: CC0 1.0, Leka and Park (2019), doi:10.7910/DVN/HYP74O. The decompositions that Dimitriadis et
    al. publish are those of `score_decomposition`: miscalibration 0.005 and discrimination 0.071 for
    NOAA's C1 forecasts.

    References
    ----------
    Leka et al. (2019). "A Comparison of Flare Forecasting Methods. II. Benchmarks, Metrics, and
    Performance Results for Operational Solar Flare Forecasting Systems". ApJS 243:36.

    Dimitriadis, Gneiting and Jordan (2021). "Stable reliability diagrams for probabilistic
    classifiers". PNAS 118(8).

    Examples
    --------
    >>> from sklearn_calib.datasets import load_solar_flares
    >>> flares = load_solar_flares("M1")
    >>> forecast = flares.data[:, flares.feature_names.index("NOAA")]
    >>> print(f"forecast {forecast.mean():.1%}, occurred {flares.target.mean():.1%}")
    forecast 5.5%, occurred 3.6%
    """
    check_option(magnitude, "magnitude", ["C1", "M1"])
    arrays = load_arrays(f"solar_flares_{magnitude.lower()}")
    return make_result(
        arrays["forecast"],
        arrays["event"],
        rows={"date": arrays["date"]},
        feature_names=arrays["methods"].tolist(),
        target_name="event",
        DESCR=load_description("solar_flares"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )

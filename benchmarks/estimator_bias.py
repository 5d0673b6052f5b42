"""How large is each estimator of miscalibration when nothing is miscalibrated?

    python benchmarks/estimator_bias.py

Forecasts all over [0, 1], or those of a sure model, with outcomes drawn from them: the true error is 0,
and what is printed is the mean over runs. Only the debiased squared error averages to 0. With forecasts
all over [0, 1] and n rows the others are near

    ECE of B bins   0.3 sqrt(B / n)      smooth   0.30 n^-1/3      KS       0.50 n^-1/2
    sweep           0.28 n^-1/3          CORP     0.5 n^-2/3       Kuiper   0.62 n^-1/2

so that the sweep, whose bins grow with the rows, is less biased than ten bins up to about 2 000 rows and
more beyond. With forecasts of a sure model all are a half to two thirds of that.
"""

import numpy as np

from sklearn_calib.metrics import (
    calibration_error,
    cumulative_calibration_error,
    debiased_calibration_error,
    maximum_calibration_error,
    overconfidence_error,
    score_decomposition,
    smooth_calibration_error,
    sweep_calibration_error,
)

ESTIMATORS = {
    "ECE, 10 bins": calibration_error,
    "ECE, 15 bins": lambda o, p: calibration_error(o, p, n_bins=15),
    "ECE, 10 equal-mass bins": lambda o, p: calibration_error(o, p, strategy="quantile"),
    "overconfident part": overconfidence_error,
    "MCE": maximum_calibration_error,
    "squared l2, plug-in": lambda o, p: calibration_error(o, p, norm="l2", squared=True),
    "squared l2, debiased": debiased_calibration_error,
    "sweep": sweep_calibration_error,
    "smooth": smooth_calibration_error,
    "KS": lambda o, p: cumulative_calibration_error(o, p, statistic="max").statistic,
    "Kuiper": lambda o, p: cumulative_calibration_error(o, p).statistic,
    "miscalibration (CORP, Brier)": lambda o, p: score_decomposition(o, p).miscalibration,
    "miscalibration (10 bins, Brier)": lambda o, p: (
        score_decomposition(o, p, method="bins").miscalibration
    ),
}
POPULATIONS = {
    "uniform on [0, 1]": lambda rng, n: rng.random(n),
    "sure (Beta(8, 1))": lambda rng, n: rng.beta(8, 1, n),
}
ROWS = {100: 400, 1_000: 400, 10_000: 100, 100_000: 30}


def mean_errors(draw):
    """Mean of every estimator, by name and number of rows."""
    table = {name: [] for name in ESTIMATORS}
    for n, n_runs in ROWS.items():
        rng = np.random.default_rng(n)
        samples = []
        for _ in range(n_runs):
            p = draw(rng, n)
            samples.append(((rng.random(n) < p).astype(int), p))
        for name, estimate in ESTIMATORS.items():
            table[name].append(np.mean([estimate(o, p) for o, p in samples]))
    return table


def main():
    for population, draw in POPULATIONS.items():
        print(f"\n{population}\n{'rows':>32}" + "".join(f"{n:>12,}" for n in ROWS))
        for name, values in mean_errors(draw).items():
            print(f"{name:>32}" + "".join(f"{value:>12.6f}" for value in values))


if __name__ == "__main__":
    main()

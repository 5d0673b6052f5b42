"""How fast are the metrics, next to other packages and to what memory allows?

    python benchmarks/metrics_speed.py [--large]      (--large adds n = 1e7: 1 GiB, minutes)

Contestants take turns on one thread each, and medians of their processor times are compared, which other
work on the machine disturbs less than the wall clock. "read once" sums the input, which no metric can
beat. Peers are optional: torchmetrics (and torch), netcal, relplot; scikit-learn is always there, with
the counts that an error needs beside its `calibration_curve`.

On two cores (numpy 2.4, scikit-learn 1.9.1, torch 2.13, torchmetrics 1.9.0, netcal 1.4.0, relplot
1.0.3), milliseconds, and how many times longer the others took:

    ECE, equal width, n = 1e6, float64     5.5   scikit-learn 12,   torchmetrics 11   (unchecked 6.1)
    ECE, equal width, n = 1e6, float32     5.3   scikit-learn 12,   torchmetrics  8.0 (unchecked 4.5)
    ECE, equal width, n = 1e7, float64    54     scikit-learn 17,   torchmetrics 15   (unchecked 6.9)
    ECE, equal width, n = 1e7, float32    51     scikit-learn 20,   torchmetrics 15   (unchecked 6.5)
    ECE, equal weight, n = 1e6            32     scikit-learn  4.4, netcal 4.2
    class-wise, 1e5 x 10                   3.7   scikit-learn 15
    class-wise, 2e4 x 1000                20     scikit-learn 55
    smooth ECE, n = 1e6                   10     relplot 22
    AURC, n = 1e6                         73     1.4 sorts of the confidences

The machine was busy, which costs most where much memory is read.

torchmetrics is 8 % off at n = 1e7 in float32, whose sums it keeps in float32. Reading the rows once takes
0.6 ms for n = 1e6. The table takes 3.3 ms: 1.0 to find the bins, 0.8 to count them (two neighbours at a
time) and 1.3 to sum the confidences. Class-wise, 2e4 x 1000, the rows are read once, which takes 5.5 ms.
"""

import argparse
import statistics
import time

import numpy as np
from scipy.special import expit, softmax
from sklearn.calibration import calibration_curve
from threadpoolctl import threadpool_limits

from sklearn_calib.metrics import (
    area_under_risk_coverage_curve,
    cumulative_calibration_error,
    debiased_calibration_error,
    expected_calibration_error,
    score_decomposition,
    smooth_calibration_error,
    sweep_calibration_error,
)

N_BINS = 15
TURNS = 7


def confidences(n, dtype=np.float64, seed=0):
    """Confidences of a sure, overconfident model, and whether it is right."""
    rng = np.random.default_rng(seed)
    z = np.abs(rng.normal(1.2, 1.5, n))
    confidence = expit(1.8 * z + 0.3 * rng.standard_normal(n))
    return confidence.astype(dtype), (rng.random(n) < expit(z)).astype(np.int64)


def class_probabilities(n, n_classes, seed=0):
    rng = np.random.default_rng(seed)
    z = 2.5 * rng.normal(size=(n, n_classes)) * (2 if n_classes < 200 else 3.5)
    y = np.argmax(z / 2.5 + rng.gumbel(size=z.shape), axis=1)
    return softmax(z, axis=1), y


def scikit_learn(y, p, strategy="uniform"):
    """The error from `calibration_curve`, and the counts it lacks."""
    accuracy, confidence = calibration_curve(y, p, n_bins=N_BINS, strategy=strategy)
    levels = np.linspace(0, 1, N_BINS + 1)
    edges = levels if strategy == "uniform" else np.percentile(p, 100 * levels)
    count = np.bincount(np.searchsorted(edges[1:-1], p), minlength=N_BINS)
    return np.sum(np.abs(accuracy - confidence) * count[count > 0]) / p.size


def scikit_learn_classwise(y, proba):
    errors = [
        scikit_learn(y == k, np.ascontiguousarray(column)) for k, column in enumerate(proba.T)
    ]
    return np.mean(errors)


def torchmetrics_contestants(y, p):
    try:
        import torch
        from torchmetrics.functional.classification import binary_calibration_error
    except ImportError:
        return {}
    torch.set_num_threads(1)
    tensors = torch.from_numpy(p), torch.from_numpy(y)
    return {
        "torchmetrics": lambda: float(binary_calibration_error(*tensors, n_bins=N_BINS)),
        "torchmetrics, unchecked": lambda: float(
            binary_calibration_error(*tensors, n_bins=N_BINS, validate_args=False)
        ),
    }


def netcal_contestants(y, p):
    try:
        from netcal.metrics import ECE
    except ImportError:
        return {}
    return {"netcal": lambda: float(ECE(N_BINS, equal_intervals=False).measure(p, y))}


def relplot_contestants(y, p):
    try:
        import relplot
    except ImportError:
        return {}
    return {"relplot": lambda: float(relplot.smECE(p, y))}


def race(title, contestants):
    """Print the median time of each contestant, and its multiple of the first."""
    times, results = {name: [] for name in contestants}, {}
    for turn in range(TURNS + 1):
        for name, run in contestants.items():
            start = time.process_time()
            results[name] = run()
            if turn:  # the first turn warms up
                times[name].append(time.process_time() - start)
    median = {name: statistics.median(values) for name, values in times.items()}
    first = next(iter(median.values()))
    print(f"\n{title}")
    for name, seconds in median.items():
        value = "" if name == "read once" else f"{results[name]:.9f}"
        print(
            f"  {name:<26} {1e3 * seconds:>10.2f} ms {seconds / first:>8.2f} x   {value}",
            flush=True,
        )


def equal_width(n):
    for dtype in (np.float64, np.float32):
        p, y = confidences(n, dtype)
        race(
            f"ECE, {N_BINS} bins of equal width, n = {n:.0e}, {np.dtype(dtype).name}",
            {
                "ours": lambda p=p, y=y: expected_calibration_error(y, p, n_bins=N_BINS),
                "read once": lambda p=p, y=y: p.sum() + y.sum(),
                "scikit-learn": lambda p=p, y=y: scikit_learn(y, p),
                **torchmetrics_contestants(y, p),
            },
        )


def equal_mass(n):
    p, y = confidences(n)
    race(
        f"ECE, {N_BINS} bins of equal weight, n = {n:.0e}",
        {
            "ours": lambda: expected_calibration_error(y, p, n_bins=N_BINS, strategy="quantile"),
            "read once": lambda: p.sum() + y.sum(),
            "scikit-learn": lambda: scikit_learn(y, p, "quantile"),
            **netcal_contestants(y, p),
        },
    )


def classwise(n, n_classes):
    proba, y = class_probabilities(n, n_classes)
    race(
        f"class-wise ECE, {N_BINS} bins, {n} x {n_classes}",
        {
            "ours": lambda: expected_calibration_error(
                y, proba, n_bins=N_BINS, kind="classwise", labels=np.arange(n_classes)
            ),
            "read once": lambda: proba.sum(),
            "scikit-learn per class": lambda: scikit_learn_classwise(y, proba),
        },
    )


def smooth(n):
    p, y = confidences(n)
    race(
        f"smooth ECE, n = {n:.0e}",
        {
            "ours": lambda: smooth_calibration_error(y, p),
            "read once": lambda: p.sum() + y.sum(),
            **relplot_contestants(y, p),
        },
    )


def others(n):
    p, y = confidences(n)
    race(
        f"further metrics, n = {n:.0e} (one sort is what they can at best cost)",
        {
            "np.sort": lambda: np.sort(p)[0],
            "AURC": lambda: area_under_risk_coverage_curve(y, p, kind="record"),
            "cumulative": lambda: cumulative_calibration_error(y, p).statistic,
            "CORP decomposition": lambda: score_decomposition(y, p).miscalibration,
            "sweep": lambda: sweep_calibration_error(y, p),
            "debiased": lambda: debiased_calibration_error(y, p),
        },
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--large", action="store_true")
    large = parser.parse_args().large
    with threadpool_limits(1):
        for n in (1_000_000, 10_000_000) if large else (1_000_000,):
            equal_width(n)
        equal_mass(1_000_000)
        classwise(100_000, 10)
        classwise(20_000, 1000)
        smooth(1_000_000)
        others(1_000_000)


if __name__ == "__main__":
    main()

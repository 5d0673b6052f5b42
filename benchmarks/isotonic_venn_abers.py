"""Isotonic and Venn-Abers calibration beside their peers: agreement, times, and the choice of smoothing.

    python benchmarks/isotonic_venn_abers.py [n ...]         default: 1000 10000 100000

Times are medians over rounds in which all candidates take turns, each shown as a multiple of ours. The
physical limit is one sort of the scores. The packages that are not installed are left out.

What came out on one core, for n = 1e3, 1e4 and 1e5: an isotonic fit is 5.3, 4.2, 2.6 times faster than
scikit-learn (the core function 9, 5, 4 times), a Venn-Abers fit 20, 48, 41 times than venn-abers. On a
machine with ten times as many processes as cores it was 6.1, 4.4, 2.4 and 17, 40, 38 times.
"""

import sys

import numpy as np
from _race import header, markdown, milliseconds, peer, race
from scipy.special import expit, softmax
from sklearn.isotonic import IsotonicRegression

from sklearn_calib import IsotonicCalibrator, VennAbersCalibrator
from sklearn_calib._core.isotonic import fit_isotonic, interpolate
from sklearn_calib._core.venn_abers import fit_venn_abers, merge_interval, predict_interval
from sklearn_calib.datasets import (
    load_cifar10_probabilities,
    load_mmlu_pro_confidence,
    load_nfl_forecasts,
    load_vlm_option_logits,
)

SPLITS = 10


def overconfident(n, seed=0):
    rng = np.random.default_rng(seed)
    z = rng.normal(-0.3, 1.5, n)
    return expit(2 * z + 0.4 * rng.standard_normal(n)), (rng.random(n) < expit(z)).astype(int)


def show(title, candidates):
    """Print median times as multiples of the first candidate."""
    medians = race(candidates)
    print(f"\n{title}\n")
    header("", "median", "ratio")
    for name, median in medians.items():
        markdown(name, milliseconds(median), f"{median / next(iter(medians.values())):.2f}")


def isotonic(n):
    p, y = overconfident(n)
    new = np.concatenate([p, overconfident(n, seed=1)[0]])
    positive, reference = y == 1, IsotonicRegression(out_of_bounds="clip")
    ours = IsotonicCalibrator(smoothing=0).fit(p, y)
    knots, theirs = fit_isotonic(p, positive), reference.fit(p, y)
    error = np.abs(interpolate(knots, new) - theirs.predict(new)).max()
    candidates = {
        "fit: core function": lambda: fit_isotonic(p, positive),
        "fit: IsotonicCalibrator": lambda: ours.fit(p, y),
        "fit: scikit-learn IsotonicRegression": lambda: reference.fit(p, y),
        "limit: np.sort": lambda: np.sort(p),
        "predict: IsotonicCalibrator": lambda: ours.predict_proba(new),
        "predict: scikit-learn IsotonicRegression": lambda: theirs.predict(new),
    }
    show(f"Isotonic, n = {n}; differs from scikit-learn by {error:.1e}", candidates)


def venn_abers(n):
    p, y = overconfident(n)
    new = np.concatenate([p, overconfident(n, seed=1)[0]])
    positive, ours = y == 1, VennAbersCalibrator().fit(p, y)
    fitted = fit_venn_abers(p, positive)
    title = f"Venn-Abers, n = {n}"
    candidates = {
        "fit: core function": lambda: fit_venn_abers(p, positive),
        "fit: VennAbersCalibrator": lambda: ours.fit(p, y),
        "limit: np.sort": lambda: np.sort(p),
        "predict: VennAbersCalibrator": lambda: ours.predict_proba(new),
    }
    if package := peer("venn_abers"):
        two, two_new = np.column_stack([1 - p, p]), np.column_stack([1 - new, new])
        theirs = package.VennAbers()
        theirs.fit(two, y)
        merged, interval = theirs.predict_proba(two_new)
        lower, upper = predict_interval(fitted, new)
        error = np.abs(interval - np.column_stack([lower, upper])).max()
        error = max(error, np.abs(merged[:, 1] - merge_interval(lower, upper)).max())
        title += f"; differs from venn-abers by {error:.1e}"
        candidates["fit: venn-abers"] = lambda: package.VennAbers().fit(two, y)
        candidates["predict: venn-abers"] = lambda: theirs.predict_proba(two_new)
    show(title, candidates)


def real_data():
    """Yield the name, probabilities and labels of bundled data."""
    for model in ("wideresnet-16-4", "vgg16"):
        yield f"CIFAR-10 {model}", *load_cifar10_probabilities(model=model, return_X_y=True)
    for dataset in ("mmbench", "oodcv"):
        logits, y = load_vlm_option_logits(dataset, return_X_y=True)
        yield f"options {dataset}", softmax(logits, axis=1), y
    for name, load in (("MMLU-Pro stated", load_mmlu_pro_confidence), ("NFL", load_nfl_forecasts)):
        confidence, correct = load(return_X_y=True)
        yield name, np.ravel(confidence), np.asarray(correct, dtype=int)


def held_out_loss(calibrator, X, y, n):
    """Mean log loss over random splits; zeros are raised to 1e-6, which concerns `smoothing=0` only."""
    n_classes = X.shape[1] if X.ndim == 2 else 2
    losses = []
    for seed in range(SPLITS):
        order = np.random.default_rng(seed).permutation(y.size)
        fit, test = order[:n], order[n : n + 4000]
        calibrator.set_params(classes=np.arange(n_classes)).fit(X[fit], y[fit])
        proba = calibrator.predict_proba(X[test])[np.arange(test.size), y[test]]
        losses.append(-np.log(np.maximum(proba, 1e-6)).mean())
    return np.mean(losses)


def smoothing():
    """Print test log losses by the smoothing, and of Venn-Abers, on real data."""
    smoothings = (0, 0.25, 0.5, 1, 2, 4)
    calibrators = [IsotonicCalibrator(smoothing=a) for a in smoothings] + [VennAbersCalibrator()]
    columns = [*map(str, smoothings), "Venn-Abers"]
    print("\nTest log loss by the smoothing of IsotonicCalibrator\n")
    print("| data | rows |", " | ".join(columns), "|\n|---|---:|" + "---:|" * len(columns))
    losses = {100: [], 500: [], 2500: []}
    for name, X, y in real_data():
        for n, rows in losses.items():
            if n < 0.6 * y.size:
                rows.append([held_out_loss(calibrator, X, y, n) for calibrator in calibrators])
                print(f"| {name} | {n} |", " | ".join(f"{loss:.4f}" for loss in rows[-1]), "|")
    for n, rows in losses.items():
        print(f"| mean | {n} |", " | ".join(f"{loss:.4f}" for loss in np.mean(rows, axis=0)), "|")


if __name__ == "__main__":
    for size in map(int, sys.argv[1:] or (1_000, 10_000, 100_000)):
        isotonic(size)
        with np.errstate(all="ignore"):  # venn-abers divides by zero on its way
            venn_abers(size)
    smoothing()

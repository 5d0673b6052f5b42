"""Which probability should stand for a zero where a logarithm is taken?

    python benchmarks/probability_floor.py [--splits 10] [--calibration-rows n]

Temperature scaling with constant floors and with the learnt one (`eps=None`), on kinds of scores that
have zeros for different reasons: a softmax that underflows, its complement, a stated "100 %", the votes
of a forest or of neighbours, the products of naive Bayes. Each data set is split at random in halves to
fit and to evaluate (with `--calibration-rows`, into that many rows and the rest).

Every constant floor is somewhere at least 0.24 nats worse than the best one: down to 1e-6 on saturated
softmax outputs (1e-3: 0.27), below on forests of ten trees (1e-16: 0.44, 1e-300: 4.1). The learnt floor
loses 0.02 on average, where constants lose 0.07 to 0.20, and at most 0.07, but 0.50 for naive Bayes on
digits, whose tails are wrong down to where they underflow: 1e-16 suits them. It needs to see a zero:
fitted on 50 rows of stated confidences, some without one, it loses up to 0.48, the constant 1e-3 up to
0.01.
"""

import argparse
import warnings

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from sklearn_calib import TemperatureScaler
from sklearn_calib._core.scores import Scores
from sklearn_calib.datasets import (
    load_cifar10_probabilities,
    load_mmlu_pro_confidence,
    load_stated_confidence,
    load_vlm_option_logits,
)

FLOORS = (1e-2, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12, 1e-16, 1e-38, 1e-300, None)
SHARPENING = 30


def networks():
    for model in ("wideresnet-16-4", "vgg16"):
        proba, y = load_cifar10_probabilities(model=model, return_X_y=True)
        yield f"CIFAR-10 {model}", proba, y
        right = (proba.argmax(axis=1) == y).astype(int)
        yield f"CIFAR-10 {model}, top", proba.max(axis=1), right


def saturated_softmax():
    for dataset in ("mmbench", "oodcv"):
        for model in load_vlm_option_logits(dataset).models:
            logits, y = load_vlm_option_logits(dataset, model=model, return_X_y=True)
            for dtype in (np.float64, np.float32):
                proba = softmax(SHARPENING * logits.astype(dtype), axis=1)
                yield f"{dataset} {model}, {dtype.__name__}", proba, y


def stated():
    for model in load_mmlu_pro_confidence().models:
        confidence, y = load_mmlu_pro_confidence(model=model, return_X_y=True)
        yield f"MMLU-Pro {model}", confidence.ravel(), y
    for model in load_stated_confidence().models:
        sets = [
            load_stated_confidence(dataset, model=model, return_X_y=True)
            for dataset in ("BoolQ", "LSAT", "SAT", "SciQ", "HaluEval")
        ]
        confidence, y = map(np.concatenate, zip(*sets, strict=True))
        yield f"stated {model}", confidence.ravel(), y


def classifiers():
    models = {
        "forest of 10": RandomForestClassifier(10, random_state=0),
        "forest of 100": RandomForestClassifier(100, random_state=0),
        "5 neighbours": KNeighborsClassifier(5),
        "naive Bayes": GaussianNB(),
    }
    for data, load in (("digits", load_digits), ("breast cancer", load_breast_cancer)):
        X, y = load(return_X_y=True)
        X, X_rest, y, y_rest = train_test_split(X, y, train_size=1 / 3, stratify=y, random_state=0)
        for name, model in models.items():
            yield f"{data} {name}", model.fit(X, y).predict_proba(X_rest), y_rest


def held_out_losses(proba, y, n, seed):
    """Log loss of each floor on all but the n rows fitted, from logarithms, which never underflow."""
    order = np.random.default_rng(seed).permutation(y.size)
    fit, test = order[:n], order[n:]
    classes = np.arange(proba.shape[1] if proba.ndim == 2 else 2)
    losses = []
    for eps in FLOORS:
        scaler = TemperatureScaler(eps=eps, classes=classes).fit(proba[fit], y[fit])
        logits = Scores(proba[test], "proba").logits(scaler.eps_).astype(float)
        log_proba = log_softmax(logits / scaler.temperature_, axis=1)
        losses.append(-log_proba[np.arange(test.size), y[test]].mean())
    return losses


def regret(proba, y, n, splits):
    """Mean loss over the splits, above that of the best floor."""
    loss = np.mean([held_out_losses(proba, y, n, seed) for seed in range(splits)], axis=0)
    return loss - loss.min()


def main(splits, calibration_rows):
    columns = ["learnt" if eps is None else f"{eps:.0e}" for eps in FLOORS]
    print("Held-out log loss of TemperatureScaler above that of the best floor, in nats\n")
    print("| scores | zeros |", " | ".join(columns), "|\n|---|---:|" + "---:|" * len(FLOORS))
    rows = []
    for source in (networks, saturated_softmax, stated, classifiers):
        for name, proba, y in source():
            zeros = np.mean(Scores(proba, "proba").proba() == 0)
            rows.append(regret(proba, y, calibration_rows or y.size // 2, splits))
            print(f"| {name} | {zeros:.1%} |", " | ".join(f"{r:.3f}" for r in rows[-1]), "|")
    for name, summary in (("mean", np.mean), ("worst", np.max)):
        print(f"| {name} | |", " | ".join(f"{r:.3f}" for r in summary(rows, axis=0)), "|")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--splits", type=int, default=10, help="random halves per data set")
    parser.add_argument("--calibration-rows", type=int, help="rows to fit; default half of them")
    options = parser.parse_args()
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Every calibration row|The scores say nothing", UserWarning
        )
        main(options.splits, options.calibration_rows)

"""What every calibrator promises: one suite over all of them."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, cross_val_predict, cross_val_score

from sklearn_calib import ContextualCalibrator, calibrators
from sklearn_calib.calibrators import (
    BinningCalibrator,
    CalibratorCV,
    DirichletCalibrator,
    IdentityCalibrator,
    MatrixScaler,
    QuadraticCalibrator,
    TemperatureScaler,
    VectorScaler,
)

CALIBRATORS = [
    *(getattr(calibrators, name)() for name in calibrators.__all__ if name != "CalibratorCV"),
    CalibratorCV([TemperatureScaler(), BinningCalibrator(n_bins=4)], cv=2),  # cheaper than "auto"
    TemperatureScaler(eps=1e-3),
    BinningCalibrator(n_bins="cube_root"),
    BinningCalibrator(strategy="uniform", smoothing=0),
    ContextualCalibrator(),
]

# Quadratic, own intercepts and slopes of both classes, and bins.
NOT_MONOTONE = (
    BinningCalibrator,
    CalibratorCV,
    DirichletCalibrator,
    MatrixScaler,
    QuadraticCalibrator,
    VectorScaler,
)


@pytest.fixture(params=CALIBRATORS, ids=lambda calibrator: " ".join(repr(calibrator).split()))
def calibrator(request):
    return clone(request.param)


@pytest.fixture(params=["proba", "logits"])
def kind(request):
    return request.param


@pytest.fixture(params=[2, 3], ids="{} classes".format)
def n_classes(request):
    return request.param


def overconfident(kind, n_classes, n=216, seed=0):
    """Scores z, which say softmax(z), and codes drawn from softmax(z / 2) (Gumbel-max identity)."""
    rng = np.random.default_rng(seed)
    z = rng.normal(scale=2, size=(n, n_classes))
    code = (z / 2 + rng.gumbel(size=z.shape)).argmax(axis=1)
    return (softmax(z, axis=1) if kind == "proba" else z), code


@pytest.fixture
def data(kind, n_classes):
    return overconfident(kind, n_classes)


@pytest.fixture
def fitted(calibrator, kind, data):
    return calibrator.set_params(input=kind).fit(*data)


# Labels


CODINGS = {
    "from one": [1, 2, 3],
    "around zero": [-1, 0, 1],
    "minus one and one": [-1, 1],
    "one and two": [1, 2],
    "far apart": [10, 200, 3000],
    "floats": [0.0, 1.0, 2.0],
    "uint8": np.array([0, 1, 255], np.uint8),
    "strings": ["a", "bb", "ccc"],
    "two strings": ["no", "yes"],
    "objects": np.array(["a", "bb", "ccc"], object),
    "bools": [False, True],
    "bools as objects": np.array([False, True], object),
    "integers as objects": np.array([1, 2, 3], object),
}


@pytest.mark.parametrize("n_classes", [2, 3], ids="{} classes".format)
def test_the_names_of_the_labels_do_not_matter(calibrator, n_classes):
    """Labels are encoded before the scores are read: one kind of scores shows it."""
    X, code = overconfident("proba", n_classes, n=90)
    fitted = clone(calibrator).fit(X, code)
    proba = fitted.predict_proba(X)
    for labels in map(np.asarray, CODINGS.values()):
        if labels.size == n_classes:
            named = clone(calibrator).fit(X, labels[code])
            np.testing.assert_array_equal(named.classes_, labels)
            np.testing.assert_array_equal(named.predict_proba(X), proba)
            np.testing.assert_array_equal(named.predict(X), labels[proba.argmax(axis=1)])


def test_containers_of_labels(calibrator):
    X, code = overconfident("proba", 2, n=90)
    y = np.array(["no", "yes"])[code]
    proba = clone(calibrator).fit(X, y).predict_proba(X)
    for same_y in (pd.Series(y, index=np.arange(7, 7 + y.size)), y.tolist(), pl.Series(y)):
        named = clone(calibrator).fit(X, same_y)
        np.testing.assert_array_equal(named.classes_, ["no", "yes"])
        np.testing.assert_array_equal(named.predict_proba(X), proba)


def test_a_class_without_rows_is_one_with_rows_of_zero_weight(calibrator, kind):
    X, code = overconfident(kind, 3)
    calibrator.set_params(input=kind)
    present = code != 1
    named = clone(calibrator).set_params(classes=[0, 1, 2]).fit(X[present], code[present])
    weighted = clone(calibrator).fit(X, code, sample_weight=present.astype(float))
    np.testing.assert_allclose(named.predict_proba(X), weighted.predict_proba(X), rtol=1e-9)
    np.testing.assert_array_equal(named.classes_, [0, 1, 2])


# Rows and weights


def test_integer_weights_are_repetitions(calibrator, kind, data):
    X, y = data
    if calibrator.get_params().get("n_bins") == "cube_root":
        pytest.skip("the number of bins follows the number of rows, by definition")
    calibrator.set_params(input=kind)
    weight = np.random.default_rng(1).integers(0, 4, y.size)
    weighted = clone(calibrator).fit(X, y, sample_weight=weight)
    repeated = clone(calibrator).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-9)


def test_rows_of_zero_weight_are_absent(calibrator, kind, data):
    X, y = data
    calibrator.set_params(input=kind)
    weight = np.random.default_rng(1).integers(0, 2, y.size)
    X_wild = np.where(weight[:, None] == 1, X, X[::-1])
    weighted = clone(calibrator).fit(X_wild, y, sample_weight=weight)
    removed = clone(calibrator).fit(X[weight == 1], y[weight == 1])
    np.testing.assert_allclose(weighted.predict_proba(X), removed.predict_proba(X), rtol=1e-9)


def test_equal_weights_are_no_weights(calibrator, kind, data):
    X, y = data
    calibrator.set_params(input=kind)
    weighted = clone(calibrator).fit(X, y, sample_weight=np.ones(y.size))
    unweighted = clone(calibrator).fit(X, y)
    np.testing.assert_allclose(weighted.predict_proba(X), unweighted.predict_proba(X), rtol=1e-9)


def test_order_of_the_rows_does_not_matter(calibrator, kind, data):
    X, y = data
    calibrator.set_params(input=kind)
    order = np.random.default_rng(1).permutation(y.size)
    shuffled = clone(calibrator).fit(X[order], y[order])
    np.testing.assert_allclose(
        shuffled.predict_proba(X), clone(calibrator).fit(X, y).predict_proba(X), rtol=1e-9
    )


def test_a_row_alone_is_the_row_in_the_batch(fitted, data):
    X = data[0][:60]
    alone = np.vstack([fitted.predict_proba(X[i : i + 1]) for i in range(len(X))])
    np.testing.assert_allclose(alone, fitted.predict_proba(X), rtol=0, atol=1e-15)


def test_one_dimension_one_column_and_two_columns_are_the_same(calibrator, kind):
    two_columns, y = overconfident(kind, 2)
    if kind == "logits":  # one column holds log-odds, and the other class has the logit 0
        two_columns = np.column_stack([np.zeros(y.size), two_columns[:, 1] - two_columns[:, 0]])
    else:
        two_columns[:, 0] = 1 - two_columns[:, 1]
    calibrator.set_params(input=kind)
    expected = clone(calibrator).fit(two_columns, y).predict_proba(two_columns)
    positive = two_columns[:, 1]
    for X in (positive, positive[:, None], positive.tolist(), pd.Series(positive)):
        proba = clone(calibrator).fit(X, y).predict_proba(X)
        assert proba.shape == (y.size, 2)
        np.testing.assert_allclose(proba, expected, rtol=0, atol=1e-15)
    one_column = clone(calibrator).fit(positive, y)
    np.testing.assert_allclose(one_column.predict_proba([positive[0]]), expected[:1], atol=1e-15)


def test_probabilities_and_their_logits_are_the_same(calibrator, n_classes):
    """Each reading of the scores leads to the same calibrated probabilities, up to rounding."""
    z, y = overconfident("logits", n_classes)
    proba = softmax(z, axis=1)
    from_logits = clone(calibrator).set_params(input="logits").fit(z, y).predict_proba(z)
    offset = np.random.default_rng(1).normal(size=(y.size, 1))
    shifted = clone(calibrator).set_params(input="logits").fit(z + offset, y)
    np.testing.assert_allclose(shifted.predict_proba(z), from_logits, rtol=1e-8)
    if calibrator.get_params().get("eps"):
        pytest.skip("a floor that bites changes probabilities only")
    from_proba = clone(calibrator).set_params(input="proba").fit(proba, y).predict_proba(proba)
    np.testing.assert_allclose(from_logits, from_proba, rtol=1e-8)


def test_permuted_columns_permute_the_probabilities(calibrator, kind, n_classes):
    """With 1000 rows, bins of equal weight are the same counted from below and from above.

    For two classes binning looks at one column only, and its bins are open at the lower end; that
    shows only for values on an edge, see test_binning.py.
    """
    X, code = overconfident(kind, n_classes, n=1000)
    calibrator.set_params(input=kind)
    permutation = np.roll(np.arange(n_classes), 1)
    straight = clone(calibrator).fit(X, code).predict_proba(X)
    renamed = np.argsort(permutation)[code]
    permuted = clone(calibrator).fit(X[:, permutation], renamed).predict_proba(X[:, permutation])
    np.testing.assert_allclose(permuted, straight[:, permutation], rtol=1e-9, atol=1e-15)


# What comes out


def test_monotone_methods_keep_the_ranking(calibrator, kind):
    """Of two rows the one with the larger score never gets the smaller probability."""
    if isinstance(calibrator, NOT_MONOTONE):
        pytest.skip("may change the ranking, by definition")
    X, y = overconfident(kind, 2)
    fitted = calibrator.set_params(input=kind).fit(X[:, 1], y)
    ranked = np.sort(overconfident(kind, 2, seed=1)[0][:, 1])
    assert np.all(np.diff(fitted.predict_proba(ranked)[:, 1]) >= -1e-15)


def test_rows_are_distributions(fitted, kind, n_classes):
    X, _ = overconfident(kind, n_classes, n=1000, seed=1)
    proba = fitted.predict_proba(X)
    assert proba.shape == (1000, n_classes)
    assert np.all((proba >= 0) & (proba <= 1))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-14)


def test_overconfidence_is_mended_on_fresh_rows(calibrator, kind, n_classes):
    """Labels follow softmax(z / 2): stating softmax(z) costs more than what 1000 rows teach."""
    if isinstance(calibrator, IdentityCalibrator):
        pytest.skip("changes nothing, by definition")
    calibrator.set_params(input=kind).fit(*overconfident(kind, n_classes, n=1000))
    X, y = overconfident(kind, n_classes, n=1000, seed=1)
    stated = X if kind == "proba" else softmax(X, axis=1)
    proba = np.maximum(calibrator.predict_proba(X), 1e-6)
    assert log_loss(y, proba / proba.sum(axis=1, keepdims=True)) < log_loss(y, stated)


@pytest.mark.parametrize("extreme", [0.0, 1e-300])
def test_exact_zeros_and_ones(calibrator, n_classes, extreme):
    X, y = overconfident("proba", n_classes)
    X[:20] = extreme
    X[np.arange(20), y[:20]] = 1 - extreme
    proba = calibrator.fit(X, y).predict_proba(X)
    assert np.all((proba >= 0) & (proba <= 1))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-14)


def test_float32_is_kept(calibrator, kind, data):
    X, y = data
    calibrator.set_params(input=kind)
    single = clone(calibrator).fit(X.astype(np.float32), y).predict_proba(X.astype(np.float32))
    double = clone(calibrator).fit(X, y).predict_proba(X)
    assert single.dtype == np.float32
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, rtol=0, atol=2e-6)


def test_a_float64_fit_predicts_float32_zeros(calibrator, n_classes):
    """The floor of float64 is nothing in float32."""
    X, y = overconfident("proba", n_classes)
    sure = np.eye(n_classes, dtype=np.float32)
    fitted = calibrator.fit(X, y)
    np.testing.assert_allclose(
        fitted.predict_proba(sure), fitted.predict_proba(sure.astype(float)), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, object])
def test_other_number_types_become_float64(calibrator, kind, data, dtype):
    X, y = data
    X = X.astype(dtype)
    proba = calibrator.set_params(input=kind).fit(X, y).predict_proba(X)
    assert proba.dtype == np.float64


@pytest.mark.filterwarnings("ignore:The scores separate")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("mask", [-1e9, np.finfo(np.float32).min])
def test_masked_logits(calibrator, mask, dtype):
    """The logit of a class that is ruled out, in a quarter of the rows."""
    z, y = overconfident("logits", 3)
    masked = (np.arange(y.size) % 4 == 0) & (y != 2)
    z = z.astype(dtype)
    z[masked, 2] = mask
    proba = calibrator.set_params(input="logits").fit(z, y).predict_proba(z)
    assert np.all((proba >= 0) & (proba <= 1))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_logits_of_absurd_size_are_refused(calibrator, size):
    z, y = overconfident("logits", 3)
    with pytest.raises(ValueError, match="largest logit of X must be between"):
        calibrator.set_params(input="logits").fit(size * z, y)


@pytest.mark.filterwarnings("ignore:The scores say nothing")
def test_scores_that_are_the_same_in_every_row(calibrator, kind, n_classes):
    """Nothing can be learnt but the shares of the classes, by the calibrators that can state them."""
    y = overconfident(kind, n_classes)[1]
    row = np.arange(1.0, n_classes + 1) / np.arange(n_classes + 1).sum()
    X = np.tile(row if kind == "proba" else np.log(row), (y.size, 1))
    proba = calibrator.set_params(input=kind).fit(X, y).predict_proba(X)
    assert np.all(proba == proba[0])
    if isinstance(calibrator, BinningCalibrator):
        np.testing.assert_allclose(proba[0], np.bincount(y) / y.size, rtol=1e-12)


@pytest.mark.parametrize("code", [0, 1])
def test_one_row(calibrator, kind, n_classes, code):
    X = overconfident(kind, n_classes, n=1)[0]
    calibrator.set_params(input=kind, classes=np.arange(n_classes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # one right answer is separable
        proba = calibrator.fit(X, [code]).predict_proba(X)
    assert np.all(np.isfinite(proba))
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=0, atol=1e-14)


# A scikit-learn estimator


def test_pickle_clone_and_parameters(fitted, data):
    X, y = data
    copied = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copied.predict_proba(X), fitted.predict_proba(X))
    fresh = clone(fitted)
    assert repr(fresh.get_params()) == repr(fitted.get_params())
    assert not hasattr(fresh, "classes_")
    rebuilt = type(fitted)().set_params(**fitted.get_params()).fit(X, y)
    np.testing.assert_array_equal(rebuilt.predict_proba(X), fitted.predict_proba(X))


def test_fit_stores_no_data_and_touches_no_argument(calibrator, kind, data):
    X, y = data
    weight = np.arange(1.0, y.size + 1)
    X_before, y_before, params = X.copy(), y.copy(), calibrator.set_params(input=kind).get_params()
    calibrator.fit(X, y, sample_weight=weight).predict_proba(X)
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)
    np.testing.assert_array_equal(weight, np.arange(1.0, y.size + 1))
    assert calibrator.get_params() == params
    assert len(pickle.dumps(calibrator)) < 3000


def test_a_second_fit_forgets_the_first(fitted, kind):
    X, y = overconfident(kind, 3, seed=7)
    fresh = clone(fitted).fit(X, y)
    frame = pd.DataFrame(*overconfident(kind, 2)[:1], columns=["no", "yes"])
    used = fitted.fit(frame, overconfident(kind, 2)[1]).fit(X, y)
    assert vars(used).keys() == vars(fresh).keys()
    np.testing.assert_array_equal(used.predict_proba(X), fresh.predict_proba(X))


def test_layout_and_writability(fitted, calibrator, data, tmp_path):
    X, y = data
    expected = fitted.predict_proba(X)
    wide = np.zeros((2 * len(X), 3 * X.shape[1]))
    wide[::2, ::3] = X
    np.save(tmp_path / "scores.npy", X)
    np.save(tmp_path / "labels.npy", y)
    mapped = np.load(tmp_path / "scores.npy", mmap_mode="r")
    mapped_y = np.load(tmp_path / "labels.npy", mmap_mode="r")
    for same in (wide[::2, ::3], np.asfortranarray(X), X[::-1][::-1], mapped, X.tolist()):
        proba = clone(fitted).fit(same, mapped_y).predict_proba(same)
        np.testing.assert_allclose(proba, expected, rtol=1e-10, atol=1e-15)


def test_concurrent_predictions_are_identical(fitted, data):
    X, _ = data
    expected = fitted.predict_proba(X)
    with ThreadPoolExecutor(8) as threads:
        for proba in threads.map(fitted.predict_proba, [X] * 16):
            np.testing.assert_array_equal(proba, expected)


# Only from version 1.9 on does scikit-learn know the names of polars columns.
reads_polars = pytest.mark.skipif(
    tuple(map(int, sklearn.__version__.split(".")[:2])) < (1, 9), reason="needs scikit-learn 1.9"
)


@pytest.mark.parametrize("frame_of", [pd.DataFrame, pytest.param(pl.DataFrame, marks=reads_polars)])
def test_frames_of_scores(calibrator, kind, data, n_classes, frame_of):
    X, y = data
    names = ["cat", "dog", "emu"][:n_classes]
    frame = frame_of({name: X[:, k] for k, name in enumerate(names)})
    fitted = calibrator.set_params(input=kind).fit(frame, y)
    np.testing.assert_array_equal(fitted.feature_names_in_, names)
    expected = clone(calibrator).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(fitted.predict_proba(frame), expected)
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict_proba(frame[names[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        fitted.predict_proba(X)


def test_final_estimator_of_a_stack(calibrator, n_classes):
    """A calibrator is an ordinary classifier: a stack of one model is cross-fitted calibration."""
    X, y = overconfident("logits", n_classes, n=150)
    names = np.array(["a", "b", "c"])[y]
    model, cv = LogisticRegression(), KFold(3)
    stack = StackingClassifier(
        [("model", model)], calibrator, stack_method="predict_proba", cv=cv
    ).fit(X, names)
    held_out = cross_val_predict(model, X, y, cv=cv, method="predict_proba")
    by_hand = clone(calibrator).fit(held_out, y)
    expected = by_hand.predict_proba(clone(model).fit(X, y).predict_proba(X))
    np.testing.assert_allclose(stack.predict_proba(X), expected, rtol=1e-9)
    assert set(stack.predict(X)) <= set(names)


def test_cross_validation_on_stored_scores(calibrator, kind, data):
    X, y = data
    calibrator.set_params(input=kind, classes=np.unique(y))
    scores = cross_val_score(calibrator, X, y, cv=KFold(3), scoring="neg_brier_score")
    for score, (train, test) in zip(scores, KFold(3).split(X), strict=True):
        proba = clone(calibrator).fit(X[train], y[train]).predict_proba(X[test])
        brier = np.mean(np.sum((proba - np.eye(proba.shape[1])[y[test]]) ** 2, axis=1))
        # the score of two classes is half the sum over the classes
        assert score == pytest.approx(-brier / (2 if proba.shape[1] == 2 else 1))


# Input that is refused


def poisoned(X, value):
    X = X.copy()
    X[3, 0] = value
    return X


REFUSED = {
    "NaN": (lambda X, y: (poisoned(X, np.nan), y), {}, "X contains NaN"),
    "infinity": (lambda X, y: (poisoned(X, np.inf), y), {}, "X contains infinity"),
    "minus infinity": (lambda X, y: (poisoned(X, -np.inf), y), {}, "X contains infinity"),
    "text": (lambda X, y: (np.full(X.shape, "high"), y), {}, "could not convert"),
    "columns": (lambda X, y: (np.hstack([X, 0 * X]), y), {}, "X must have one column per class"),
    "no rows": (lambda X, y: (X[:0], y[:0]), {}, "0 sample"),
    "no columns": (lambda X, y: (X[:, :0], y), {}, "0 feature"),
    "three dimensions": (lambda X, y: (X[:, :, None], y), {}, "dim 3"),
    "lengths": (lambda X, y: (X, y[:-1]), {}, "X has 216, y has 215"),
    "one class": (lambda X, y: (X, 0 * y), {}, "one class only.*classes"),
    "real targets": (lambda X, y: (X, y + 0.5 * (y == 0) + 0.25), {}, "Unknown label type"),
    "missing label": (lambda X, y: (X, np.where(y == 0, np.nan, y)), {}, "y holds missing labels"),
    "two targets": (lambda X, y: (X, np.column_stack([y, y])), {}, "y should be a 1d array"),
    "negative weight": (lambda X, y: (X, y, -np.ones(y.size)), {}, "sample_weight must not be negative"),
    "zero weights": (lambda X, y: (X, y, np.zeros(y.size)), {}, "sample_weight .*zero"),
    "NaN weight": (lambda X, y: (X, y, np.full(y.size, np.nan)), {}, "sample_weight contains NaN"),
    "weights too short": (lambda X, y: (X, y, np.ones(3)), {}, r"sample_weight.shape must be \(216,\)"),
    "weights in columns": (lambda X, y: (X, y, np.ones((y.size, 2))), {}, "sample_weight.shape"),
    "unknown input": (lambda X, y: (X, y), {"input": "odds"}, "input must be one of 'proba', 'logits'"),
    "unsorted classes": (lambda X, y: (X, y), {"classes": [2, 1, 0]}, "classes must be sorted"),
    "doubled classes": (lambda X, y: (X, y), {"classes": [0, 1, 2, 2]}, "classes must be sorted"),
    "label outside classes": (lambda X, y: (X, y), {"classes": [1, 2, 3]}, "y holds 0, .* classes"),
    "too many classes": (lambda X, y: (X, y), {"classes": [0, 1, 2, 3]}, "column per class.*4 classes"),
    "one class named": (lambda X, y: (X[:, :1], 0 * y), {"classes": [0]}, "one class only"),
    "other kind of classes": (lambda X, y: (X, y), {"classes": ["a", "b", "c"]}, "y holds 0, .* classes"),
}  # fmt: skip


def test_refused_in_fit(calibrator, kind):
    data = overconfident(kind, 3)
    for change, params, message in REFUSED.values():
        refusing = clone(calibrator).set_params(**{"input": kind, **params})
        with pytest.raises((ValueError, TypeError), match=message):
            refusing.fit(*change(*data))


REFUSED_PROBABILITIES = {
    "above one": ([[1.2, -0.2, 0.0]], r"X must hold probabilities in \[0, 1\]; got -0.2"),
    "negative": ([[0.5, -0.1, 0.6]], r"X must hold probabilities in \[0, 1\]; got -0.1"),
    "sum": ([[0.5, 0.3, 0.3]], "rows of X must sum to 1.*row 0 sums to 1.1"),
    "percent": ([[50, 30, 20]], r"X must hold probabilities in \[0, 1\]; got 50"),
    "one column": ([[1.2], [0.3]], r"X must hold probabilities in \[0, 1\]; got 1.2"),
}


@pytest.mark.parametrize("n_columns", [1, 3], ids="{} columns".format)
def test_refused_probabilities(calibrator, n_columns):
    X_right, y = overconfident("proba", max(n_columns, 2))
    fitted = clone(calibrator).fit(X_right[:, -n_columns:], y)
    for X, message in REFUSED_PROBABILITIES.values():
        if len(X[0]) == n_columns:
            with pytest.raises(ValueError, match=message):
                calibrator.fit(np.repeat(X, 3, axis=0), np.resize([0, 1, 2], 3 * len(X)))
            with pytest.raises(ValueError, match=message):
                fitted.predict_proba(X)


def test_refused_in_predict(fitted, data, n_classes):
    X, _ = data
    with pytest.raises(ValueError, match="X contains NaN"):
        fitted.predict_proba(poisoned(X, np.nan))
    with pytest.raises(ValueError, match=f"expecting {n_classes} features"):
        fitted.predict_proba(np.hstack([X, X]))
    with pytest.raises(ValueError, match="Expected 2D array"):
        fitted.predict_proba(X[:, 0])


def test_logits_of_one_column_are_log_odds(calibrator):
    """Probabilities p and logits log(p / (1 - p)) agree, also far out."""
    s = np.random.default_rng(0).normal(scale=4, size=300)
    y = (np.random.default_rng(1).random(300) < expit(s / 2)).astype(int)
    from_logits = clone(calibrator).set_params(input="logits").fit(s, y).predict_proba(s)
    if calibrator.get_params().get("eps"):
        pytest.skip("a floor that bites changes probabilities only")
    from_proba = clone(calibrator).fit(expit(s), y).predict_proba(expit(s))
    np.testing.assert_allclose(from_proba, from_logits, rtol=1e-8)

"""Histogram binning, against a slow reference in exact fractions."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.metrics import log_loss

from sklearn_calib import BinningCalibrator


def slow_edges(p, n_bins, strategy, weight):
    """Edges as the docstring says; quantile edges lie midway between the two values they part."""
    if strategy == "uniform":
        return [Fraction(k, n_bins) for k in range(n_bins + 1)]
    values = sorted(set(p))
    total, edges = sum(weight), [0]
    for k in range(1, n_bins):
        reached = [v for v in values if n_bins * sum(weight[p <= v]) >= k * total]
        above = [v for v in values if v > reached[0]]
        if above:
            edges.append((Fraction(reached[0]) + Fraction(above[0])) / 2)
    return sorted(set(edges)) + [1]


def slow_bin(value, edges):
    """Index of the bin (lower, upper] of a value, with 0 in the first."""
    return max(sum(Fraction(value) > edge for edge in edges) - 1, 0)


def slow_binning(p, positive, weight, p_new, n_bins, strategy, smoothing):
    """(s + a pi) / (w + a) of the bin; a bin without rows lies on the line between its neighbours."""
    edges = slow_edges(p, n_bins, strategy, weight)
    prior = Fraction(int(weight @ positive), int(weight.sum()))
    cell = np.array([slow_bin(v, edges) for v in p])
    values = {}
    for b in set(cell.tolist()):
        w, s = int(weight[cell == b].sum()), int((weight * positive)[cell == b].sum())
        values[b] = (s + Fraction(smoothing) * prior) / (w + Fraction(smoothing))
    for b in range(len(edges) - 1):
        if b not in values:
            lower = max((c for c in set(cell.tolist()) if c < b), default=None)
            upper = min((c for c in set(cell.tolist()) if c > b), default=None)
            if lower is None or upper is None:
                values[b] = values[upper if lower is None else lower]
            else:
                center = {c: edges[c] + edges[c + 1] for c in (lower, b, upper)}
                share = (center[b] - center[lower]) / (center[upper] - center[lower])
                values[b] = values[lower] + share * (values[upper] - values[lower])
    return np.array([float(values[slow_bin(v, edges)]) for v in p_new])


@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
@pytest.mark.parametrize("n_bins", [1, 2, 7, 16, 90])
@pytest.mark.parametrize("smoothing", [0.5, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_against_a_slow_reference(strategy, n_bins, smoothing, weighted):
    """Dyadic values (which float64 holds exactly) and many ties."""
    rng = np.random.default_rng(n_bins)
    p = rng.integers(0, 65, 80) / 64
    y = (rng.random(80) < p**2).astype(int)
    weight = rng.integers(1, 5, 80) if weighted else np.ones(80, int)
    p_new = np.arange(65) / 64
    expected = slow_binning(p, y, weight, p_new, n_bins, strategy, smoothing)
    fitted = BinningCalibrator(n_bins=n_bins, strategy=strategy, smoothing=smoothing)
    fitted.fit(p, y, sample_weight=weight if weighted else None)
    np.testing.assert_allclose(fitted.predict_proba(p_new)[:, 1], expected, rtol=1e-12)


def test_more_classes_are_binned_one_against_the_rest():
    rng = np.random.default_rng(0)
    X = softmax(rng.normal(scale=2, size=(300, 4)), axis=1)
    y = np.array([rng.choice(4, p=row) for row in X])
    fitted = BinningCalibrator(n_bins=7).fit(X, y)
    alone = np.column_stack(
        [
            BinningCalibrator(n_bins=7)
            .fit(X[:, k], (y == k).astype(int))
            .predict_proba(X[:, k])[:, 1]
            for k in range(4)
        ]
    )
    expected = alone / alone.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-12)
    assert len(fitted.bin_edges_) == len(fitted.bin_values_) == 4
    np.testing.assert_allclose(fitted.class_prior_, np.bincount(y) / 300)


def test_smoothing_by_hand():
    """Prior 1/2; the bin of 0.2 holds no positive of one row, that of 0.9 two of three."""
    p, y = [0.2, 0.9, 0.9, 0.9], [0, 1, 1, 0]
    proba = BinningCalibrator(n_bins=2, strategy="uniform").fit(p, y).predict_proba([0.2, 0.9])
    np.testing.assert_allclose(proba[:, 1], [0.5 / 2, 2.5 / 4])
    proba = BinningCalibrator(n_bins=2, strategy="uniform", smoothing=0).fit(p, y)
    np.testing.assert_allclose(proba.predict_proba([0.2, 0.9])[:, 1], [0, 2 / 3])


def test_attributes_by_hand():
    fitted = BinningCalibrator(n_bins=2, smoothing=0).fit([0.1, 0.2, 0.4, 0.8], [0, 1, 1, 1])
    assert len(fitted.bin_edges_) == 1  # two classes: the last one only
    np.testing.assert_allclose(fitted.bin_edges_[0], [0, 0.3, 1])
    np.testing.assert_allclose(fitted.bin_values_[0], [0.5, 1])
    np.testing.assert_allclose(fitted.class_prior_, [0.25, 0.75])


def test_bins_without_rows_are_interpolated():
    """Rows at 0.15 and 0.75: the centres between lie on a line from 0 to 1 in steps of 1/6."""
    fitted = BinningCalibrator(strategy="uniform", smoothing=0).fit([0.15, 0.75], [0, 1])
    values = fitted.bin_values_[0]
    np.testing.assert_allclose(values, [0, 0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1, 1])
    np.testing.assert_allclose(fitted.predict_proba([0.0, 0.45, 1.0])[:, 1], [0, 0.5, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_decimals_on_an_edge_belong_below_it(dtype):
    """0.3 lies in (0.2, 0.3], although in binary 3 * 0.1 is more than 0.3."""
    p = np.arange(1, 11, dtype=dtype) / dtype(10)
    fitted = BinningCalibrator(strategy="uniform", smoothing=0).fit(p, np.arange(10) % 2)
    np.testing.assert_array_equal(fitted.bin_values_[0], np.arange(10) % 2)
    # the complement, computed or stated, is looked up by the probability of the last class
    two = BinningCalibrator(strategy="uniform", smoothing=0)
    two.fit(np.column_stack([1 - p, p]), np.arange(10) % 2)
    np.testing.assert_array_equal(two.bin_values_[0], fitted.bin_values_[0])


def test_zero_is_in_the_first_bin_and_one_in_the_last():
    fitted = BinningCalibrator(n_bins=2, smoothing=0).fit([0.0, 0.5, 1.0, 1.0], [0, 0, 1, 1])
    np.testing.assert_array_equal(fitted.predict_proba([0.0, 0.5, 0.75, 1.0])[:, 1], [0, 0, 0, 1])


def test_bins_are_open_below_hence_not_symmetric_on_an_edge():
    """0.5 shares its bin with 0.4, and as a probability of the other class with 1 - 0.6."""
    p, y = np.array([0.4, 0.5, 0.6]), np.array([0, 1, 1])
    binning = BinningCalibrator(n_bins=2, strategy="uniform", smoothing=0)
    straight = binning.fit(p, y).predict_proba(p)[:, 1]
    mirrored = binning.fit(1 - p, 1 - y).predict_proba(1 - p)[:, 0]
    np.testing.assert_allclose(straight, [0.5, 0.5, 1])
    np.testing.assert_allclose(mirrored, [0, 1, 1])


def test_equal_values_are_never_split():
    """Seven of ten rows state 0.9: a third of the rows is first reached there, a fifth at 0.6."""
    p, y = [0.5, 0.6, 0.7] + [0.9] * 7, [0, 1] * 5
    np.testing.assert_array_equal(BinningCalibrator(n_bins=3).fit(p, y).bin_edges_[0], [0, 1])
    np.testing.assert_allclose(BinningCalibrator(n_bins=5).fit(p, y).bin_edges_[0], [0, 0.65, 1])


def test_one_bin_states_the_prior():
    y = np.array([0, 1, 2, 2, 2])
    X = softmax(np.random.default_rng(0).normal(size=(5, 3)), axis=1)
    proba = BinningCalibrator(n_bins=1).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(proba, np.tile([0.2, 0.2, 0.6], (5, 1)))


def test_rows_without_any_value_get_the_prior():
    """With no smoothing the bins of a row may all be zero."""
    X = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]] * 2
    fitted = BinningCalibrator(n_bins=2, strategy="uniform", smoothing=0).fit(X, [0, 1, 2] * 2)
    np.testing.assert_allclose(fitted.predict_proba([[0.4, 0.3, 0.3]]), [[1 / 3, 1 / 3, 1 / 3]])


def test_cube_root_counts_rows():
    rng = np.random.default_rng(0)
    p, y = rng.random(125), rng.integers(0, 2, 125)
    fitted = BinningCalibrator(n_bins="cube_root").fit(p, y)
    assert fitted.bin_edges_[0].size == 6
    fitted = BinningCalibrator(n_bins="cube_root").fit(np.append(p, 0.5), np.append(y, 1))
    assert fitted.bin_edges_[0].size == 7
    weight = np.append(np.full(125, 10.0), 0)
    fitted.fit(np.append(p, 0.5), np.append(y, 1), sample_weight=weight)
    assert fitted.bin_edges_[0].size == 6


@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_log_loss_stays_finite(strategy, n_classes):
    """The prior keeps probabilities away from zero, for rows and values never seen."""
    rng = np.random.default_rng(0)
    z = rng.normal(scale=10, size=(60, n_classes))
    X, y = softmax(z, axis=1), z.argmax(axis=1)
    fitted = BinningCalibrator(n_bins=30, strategy=strategy).fit(X, y)
    proba = fitted.predict_proba(softmax(rng.normal(scale=20, size=(500, n_classes)), axis=1))
    assert proba.min() > 0
    # log loss itself clips at the machine precision; the smallest value is far above
    assert log_loss(rng.integers(0, n_classes, 500), proba) < -np.log(proba.min()) < 10


def test_weights_are_not_scale_free_because_smoothing_counts_rows():
    p, y = [0.2, 0.2, 0.9, 0.9], [0, 0, 1, 0]
    fitted = BinningCalibrator(n_bins=2).fit(p, y, sample_weight=[100] * 4)
    np.testing.assert_allclose(fitted.predict_proba([0.2])[:, 1], 0.25 / 201)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_bins": 0}, ValueError, "n_bins must be at least 1"),
        ({"n_bins": 2.0}, TypeError, "n_bins must be a positive integer or 'cube_root'"),
        ({"n_bins": "auto"}, TypeError, "n_bins must be a positive integer or 'cube_root'"),
        ({"n_bins": True}, TypeError, "n_bins must be a positive integer"),
        ({"strategy": "kmeans"}, ValueError, "strategy must be one of 'quantile', 'uniform'"),
        ({"smoothing": -1}, ValueError, r"smoothing must be in \[0, inf\)"),
        ({"smoothing": np.inf}, ValueError, r"smoothing must be in \[0, inf\)"),
        ({"smoothing": np.nan}, ValueError, r"smoothing must be in \[0, inf\)"),
        ({"smoothing": None}, TypeError, r"smoothing must be a number"),
    ],
)
def test_parameters(params, error, message):
    with pytest.raises(error, match=message):
        BinningCalibrator(**params).fit([0.2, 0.9], [0, 1])


def stream(n=300, n_classes=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.dirichlet(np.ones(n_classes), n)
    X = np.round(X, 1) if n_classes == 2 else X
    y = np.array([rng.choice(n_classes, p=row) for row in X / X.sum(axis=1, keepdims=True)])
    return X, y, rng.choice([0.0, 1.0, 2.0, 5.0], n)


def in_batches(calibrator, X, y, weight=None, *, size, classes=None):
    for start in range(0, y.size, size):
        rows = slice(start, start + size)
        w = None if weight is None else weight[rows]
        if w is None or w.any():
            calibrator.partial_fit(X[rows], y[rows], classes, w)
    return calibrator


def assert_same_state(a, b, **tolerance):
    for name in ("bin_edges_", "bin_values_", "class_prior_", "classes_"):
        for actual, wanted in zip(getattr(a, name), getattr(b, name), strict=True):
            np.testing.assert_allclose(actual, wanted, **tolerance, err_msg=name)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_stream_gives_exactly_the_fit_on_everything(n_classes, size, weighted):
    X, y, weight = stream(n_classes=n_classes)
    weight = weight if weighted else None
    calibrator = BinningCalibrator(strategy="uniform")
    streamed = in_batches(clone(calibrator), X, y, weight, size=size, classes=range(n_classes))
    assert_same_state(streamed, calibrator.fit(X, y, weight), rtol=0, atol=0)


def test_a_stream_goes_on_after_fit_and_fit_starts_anew():
    X, y, _ = stream()
    calibrator = BinningCalibrator(strategy="uniform")
    whole = clone(calibrator).fit(X, y)
    assert_same_state(calibrator.fit(X[:100], y[:100]).partial_fit(X[100:], y[100:]), whole, rtol=0)
    assert_same_state(calibrator.fit(X, y), whole, rtol=0)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_forgetting_weighs_each_row_by_its_age(size):
    X, y, _ = stream()
    calibrator = BinningCalibrator(strategy="uniform", half_life=50.0)
    streamed = in_batches(clone(calibrator), X, y, size=size, classes=[0, 1])
    age = np.arange(y.size)[::-1]
    assert_same_state(streamed, calibrator.fit(X, y, 0.5 ** (age / 50)), rtol=1e-12)


def test_integer_weights_age_as_repeated_rows():
    X, y, weight = stream()
    calibrator = BinningCalibrator(strategy="uniform", half_life=50.0)
    weighted = in_batches(clone(calibrator), X, y, weight, size=40, classes=[0, 1])
    rows = np.repeat(np.arange(y.size), weight.astype(int))
    repeated = in_batches(clone(calibrator), X[rows], y[rows], size=40, classes=[0, 1])
    assert_same_state(weighted, repeated, rtol=1e-12)


def test_a_class_may_come_late():
    calibrator = BinningCalibrator(strategy="uniform", n_bins=2)
    calibrator.partial_fit([0.9, 0.8], ["yes", "yes"], classes=["yes", "no"])
    assert calibrator.classes_.tolist() == ["no", "yes"]
    # Alone, a class has the share (s + 1) / (n + 2) of Laplace.
    np.testing.assert_allclose(calibrator.predict_proba([0.1]), [[0.25, 0.75]])
    calibrator.partial_fit([0.1, 0.2], ["no", "no"])
    whole = BinningCalibrator(strategy="uniform", n_bins=2)
    whole.fit([0.9, 0.8, 0.1, 0.2], ["yes", "yes", "no", "no"])
    assert_same_state_of_labels(calibrator, whole)


def assert_same_state_of_labels(a, b):
    assert a.classes_.tolist() == b.classes_.tolist()
    grid = np.linspace(0, 1, 11)
    np.testing.assert_array_equal(a.predict_proba(grid), b.predict_proba(grid))


def test_streams_need_classes_once():
    X, y, _ = stream()
    calibrator = BinningCalibrator(strategy="uniform")
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        calibrator.partial_fit(X, y)
    calibrator.partial_fit(X, y, [0, 1])
    with pytest.raises(ValueError, match="classes must be those already known"):
        calibrator.partial_fit(X, y, [0, 1, 2])
    with pytest.raises(ValueError, match="y holds 7, which is not in classes"):
        calibrator.partial_fit(X[:1], [7])
    with pytest.raises(ValueError, match="n_bins must stay"):
        calibrator.set_params(n_bins=5).partial_fit(X, y)
    named = BinningCalibrator(strategy="uniform", classes=[0, 1])
    assert_same_state(named.partial_fit(X, y), BinningCalibrator(strategy="uniform").fit(X, y))
    assert_same_state(pickle.loads(pickle.dumps(named)).partial_fit(X, y), named.partial_fit(X, y))


@pytest.mark.parametrize("options", [{}, {"strategy": "uniform", "n_bins": "cube_root"}])
def test_bins_that_depend_on_all_rows_cannot_stream(options):
    calibrator = BinningCalibrator(**options)
    assert not hasattr(calibrator, "partial_fit")
    with pytest.raises(AttributeError) as caught:
        calibrator.partial_fit([0.5], [1])
    assert "bins that do not depend on the rows" in str(caught.value.__cause__)


@pytest.mark.parametrize("half_life", [0, -1.0, np.inf, "day"])
def test_half_life_is_checked(half_life):
    X, y, _ = stream()
    with pytest.raises((TypeError, ValueError), match="half_life must be"):
        BinningCalibrator(strategy="uniform", half_life=half_life).fit(X, y)

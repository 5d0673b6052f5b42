import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from sklearn_calib import BinningCalibrator, IsotonicCalibrator, TemperatureScaler
from sklearn_calib.calibrators import SigmoidCalibrator
from sklearn_calib.frames import fit_from_frame

STATED = {"confidence": "sure", "correct": "right"}
CALIBRATORS = [
    TemperatureScaler(),
    TemperatureScaler(eps=1e-9),
    SigmoidCalibrator(),
    SigmoidCalibrator(smooth_targets=True, eps=0.01),
    BinningCalibrator(strategy="uniform"),
    BinningCalibrator(strategy="uniform", n_bins="cube_root", smoothing=0),
]


def log(n=600):
    """An overconfident model that says "100 %" and "0 %" too."""
    rng = np.random.default_rng(0)
    sure = np.where(rng.random(n) < 0.3, rng.choice([0.0, 0.5, 0.9, 1.0], n), rng.random(n))
    right = rng.random(n) < 0.2 + 0.6 * sure
    return pd.DataFrame({"sure": sure, "right": right, "weight": rng.choice([0.0, 1.0, 2.5], n)})


def in_memory(calibrator, frame, weight=None):
    calibrator = clone(calibrator)
    if hasattr(calibrator, "eps") and calibrator.eps is None:
        calibrator.set_params(eps=1e-3)
    weight = None if weight is None else frame[weight]
    return calibrator.fit(frame.sure.to_numpy(), frame.right.astype(int), weight)


def parameters(calibrator):
    names = ("temperature_", "coef_", "intercept_", "eps_", "class_prior_", "bin_values_")
    return {name: vars(calibrator)[name] for name in names if name in vars(calibrator)}


def assert_equal_fits(fitted, expected, rtol=1e-8):
    assert type(fitted) is type(expected)
    actual, wanted = parameters(fitted), parameters(expected)
    assert set(actual) == set(wanted)
    for name in wanted:
        assert_allclose(actual[name], wanted[name], rtol=rtol, atol=1e-12, err_msg=name)
    grid = np.linspace(0, 1, 101)
    assert_allclose(fitted.predict_proba(grid), expected.predict_proba(grid), rtol=1e-7)
    assert fitted.classes_.tolist() == expected.classes_.tolist()


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=str)
def test_equals_the_fit_in_memory(to_engine, calibrator, weight):
    fitted = fit_from_frame(calibrator, to_engine(log()), weight=weight, **STATED)
    assert_equal_fits(fitted, in_memory(calibrator, log(), weight))
    assert not hasattr(calibrator, "classes_")


@pytest.mark.filterwarnings("ignore:Every calibration row:UserWarning")
@pytest.mark.filterwarnings("ignore:The scores:UserWarning")
@pytest.mark.filterwarnings("ignore:All classes have equal scores:UserWarning")
@pytest.mark.parametrize(
    ("sure", "right"),
    [
        ([0.9, 0.8, 0.7, 0.2], [1, 1, 1, 0]),  # separable, all right
        ([0.9, 0.8, 0.3, 0.2], [1, 1, 1, 0]),  # separable, not at 0.5
        ([0.9, 0.9, 0.9, 0.2], [1, 0, 1, 0]),  # separable up to a tie
        ([0.9, 0.8, 0.3, 0.2], [0, 0, 1, 1]),  # worse than chance
        ([0.5, 0.5, 0.5, 0.5], [1, 1, 1, 0]),  # nothing to scale
        ([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]),  # one confidence
        ([0.9, 0.8, 0.7, 0.2], [1, 1, 1, 1]),  # never wrong
        ([0.9, 0.8, 0.7, 0.2], [0, 0, 0, 0]),  # never right
        ([0.5, 0.5, 1.0, 0.0], [1, 0, 1, 0]),  # right or undecided
    ],
)
@pytest.mark.parametrize("kind", [TemperatureScaler, SigmoidCalibrator, BinningCalibrator])
def test_odd_data_give_what_they_give_in_memory(kind, sure, right):
    options = {"strategy": "uniform"} if kind is BinningCalibrator else {"eps": 1e-3}
    calibrator = kind(classes=[0, 1], **options)
    frame = pd.DataFrame({"sure": sure, "right": right})
    fitted = fit_from_frame(calibrator, frame, **STATED)
    # Where there is no optimum the bound in its place is found to six digits.
    assert_equal_fits(fitted, in_memory(calibrator, frame), rtol=1e-6)


def test_separable_confidences_warn():
    frame = pd.DataFrame({"sure": [0.9, 0.8, 0.2], "right": [1, 1, 0]})
    with pytest.warns(UserWarning, match="Every calibration row is answered right"):
        fit_from_frame(TemperatureScaler(), frame, **STATED)
    with pytest.warns(UserWarning, match="separate the classes"):
        fit_from_frame(SigmoidCalibrator(), frame, **STATED)


@pytest.mark.parametrize(
    ("calibrator", "most"),
    [(TemperatureScaler(), 5), (SigmoidCalibrator(), 4), (CALIBRATORS[4], 1)],
    ids=["temperature", "sigmoid", "binning"],
)
def test_a_handful_of_scans_and_only_sums(monkeypatch, calibrator, most):
    heights, collect = [], nw.LazyFrame.collect

    def spy(frame, *args, **kwargs):
        result = collect(frame, *args, **kwargs)
        heights.append(len(result))
        return result

    monkeypatch.setattr(nw.LazyFrame, "collect", spy)
    frame = pytest.importorskip("polars").from_pandas(log(50_000)).lazy()
    fit_from_frame(calibrator, frame, **STATED)
    assert 1 <= len(heights) <= most
    assert max(heights) <= 20_002  # cells of right and of wrong rows
    assert heights[1:] == [1] * (len(heights) - 1)


def test_a_stream_may_go_on_from_the_fit():
    frame = log()
    calibrator = BinningCalibrator(strategy="uniform")
    fitted = fit_from_frame(calibrator, frame[:400], **STATED)
    fitted.partial_fit(frame.sure[400:], frame.right[400:].astype(int))
    assert_equal_fits(fitted, in_memory(calibrator, frame))


def test_what_does_not_fit_is_named():
    frame = log(50)
    with pytest.raises(TypeError, match="calibrator must be one of TemperatureScaler, Sigmoid"):
        fit_from_frame(IsotonicCalibrator(), frame, **STATED)
    with pytest.raises(ValueError, match="input must be 'proba'"):
        fit_from_frame(TemperatureScaler(input="logits"), frame, **STATED)
    with pytest.raises(ValueError, match="use strategy='uniform'"):
        fit_from_frame(BinningCalibrator(), frame, **STATED)
    with pytest.raises(ValueError, match=r"classes must be None or \[0, 1\]"):
        fit_from_frame(TemperatureScaler(classes=["no", "yes"]), frame, **STATED)
    with pytest.raises(ValueError, match="eps must be in"):
        fit_from_frame(TemperatureScaler(eps=0.7), frame, **STATED)
    with pytest.raises(ValueError, match="2 rows are no events"):
        fit_from_frame(TemperatureScaler(), frame.assign(right=[0.5, 0.5] + [1.0] * 48), **STATED)

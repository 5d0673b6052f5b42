import numpy as np
import pytest

from sklearn_calib.display import CorpReliabilityDisplay
from sklearn_calib.metrics import recalibration_curve


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    p = rng.random(300).round(2)
    return (rng.random(300) < p).astype(int), p


def test_the_line_is_the_recalibration_curve(rows):
    curve = recalibration_curve(*rows)
    line = CorpReliabilityDisplay.from_predictions(*rows).line_
    x, y = line.get_xydata().T
    assert x.size < curve.probability.size  # only the ends of stretches
    np.testing.assert_allclose(np.interp(curve.probability, x, y), curve.recalibrated, atol=1e-12)


def test_one_value_is_one_point():
    display = CorpReliabilityDisplay.from_predictions([1, 0, 1, 1], [0.8] * 4, kind="record")
    np.testing.assert_allclose(display.line_.get_xydata(), [[0.8, 0.75]])


def test_the_histogram_holds_all_weight(rows):
    display = CorpReliabilityDisplay.from_predictions(*rows)
    heights = [bar.get_height() for bar in display.histogram_ax_.patches]
    assert sum(heights) == pytest.approx(1)
    expected = np.mean(rows[1] <= 0.05)
    assert heights[0] == pytest.approx(expected)


def test_the_band_is_for_one_model_unless_asked_for(rows):
    y, p = rows
    one = CorpReliabilityDisplay.from_predictions(y, p)
    assert one.band_ is not None
    assert [t.get_text() for t in one.ax_.get_legend().get_texts()][1] == "Band if calibrated"
    two = {"a": p, "b": p**2}
    assert CorpReliabilityDisplay.from_predictions(y, two).band_ is None
    assert len(CorpReliabilityDisplay.from_predictions(y, two, band=True).band_) == 2
    assert CorpReliabilityDisplay.from_predictions(y, p, band=False).band_ is None


def test_a_seed_makes_the_same_band(rows):
    first, second = (CorpReliabilityDisplay.from_predictions(*rows).band for _ in range(2))
    np.testing.assert_array_equal(first.lower, second.lower)
    other = CorpReliabilityDisplay.from_predictions(*rows, random_state=1).band
    assert np.any(first.lower != other.lower)


def test_numbers_in_the_legend(rows):
    def label(**options):
        return CorpReliabilityDisplay.from_predictions(*rows, **options).line_.get_label()

    assert label().startswith("MCB 0.0")
    assert label(name="m", legend="pvalue").startswith("m (p = 0.")
    assert label(legend=("decomposition", "pvalue")).count(",") == 3
    assert label(name="m", legend=()) == "m"
    with pytest.raises(ValueError, match="legend must be one of 'decomposition', 'pvalue'"):
        label(legend="ece")


def test_wrong_options(rows):
    with pytest.raises(ValueError, match="band must be one of"):
        CorpReliabilityDisplay.from_predictions(*rows, band="wide")
    with pytest.raises(ValueError, match="confidence_level must be in"):
        CorpReliabilityDisplay.from_predictions(*rows, confidence_level=1)
    with pytest.raises(ValueError, match="makes one set of events for each class"):
        CorpReliabilityDisplay.from_predictions(*rows, kind="classwise")
    with pytest.raises(ValueError, match="kind must be one of"):
        CorpReliabilityDisplay(recalibration_curve(*rows), kind="binary").plot()


def test_the_band_of_one_value_is_seen():
    display = CorpReliabilityDisplay.from_predictions([1, 0, 1, 1], [0.8] * 4, kind="record")
    x = display.band_.get_paths()[0].vertices[:, 0]
    assert (x.min(), x.max()) == pytest.approx((0.79, 0.81))
    assert display.band_.get_label() == "Band if calibrated"


def test_a_band_of_no_height_is_not_in_the_legend():
    display = CorpReliabilityDisplay.from_predictions([1, 1], [1.0, 1.0], kind="record")
    assert display.band_.get_label() != "Band if calibrated"

"""What holds for every loader and every bundled file."""

import inspect
import sys
from importlib import resources

import numpy as np
import pytest
from sklearn.utils import Bunch

from sklearn_calib import datasets

DATA = resources.files("sklearn_calib.datasets") / "data"
CARD = (DATA / "LICENSES" / "README.md").read_text(encoding="utf-8")
FILES = sorted(path.name for path in DATA.iterdir() if path.is_file())
LICENCES = sorted(path.name for path in (DATA / "LICENSES").iterdir())
LOADERS = [getattr(datasets, name) for name in datasets.__all__]
MAY_BE_NAN = {"token_confidence"}
MAY_MISS_DATA = {datasets.load_solar_flares}  # a method that issued no forecast

every_loader = pytest.mark.parametrize("load", LOADERS, ids=lambda load: load.__name__)


def _arrays(bunch):
    return {name: value for name, value in bunch.items() if isinstance(value, np.ndarray)}


def test_public_names_are_sorted_and_live_in_modules_of_their_name():
    assert datasets.__all__ == sorted(datasets.__all__)
    for load in LOADERS:
        module = load.__name__.removeprefix("load")
        assert load.__module__ == f"sklearn_calib.datasets.{module}"


@every_loader
def test_output_is_chosen_as_in_scikit_learn(load):
    parameters = inspect.signature(load).parameters
    for name in ("return_X_y", "as_frame"):
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].default is False


@every_loader
def test_bunch_has_the_common_fields(load):
    bunch = load()
    assert isinstance(bunch, Bunch)
    assert bunch.data.ndim == 2
    assert bunch.data.shape == (len(bunch.target), len(bunch.feature_names))
    assert bunch.target.ndim == 1
    assert bunch.frame is None
    assert "Licence" in bunch.DESCR
    assert "commit" in bunch.DESCR


@every_loader
def test_return_x_y(load):
    bunch = load()
    data, target = load(return_X_y=True)
    np.testing.assert_array_equal(data, bunch.data)
    np.testing.assert_array_equal(target, bunch.target)


@every_loader
def test_as_frame_agrees_with_the_arrays(load):
    pd = pytest.importorskip("pandas")
    arrays, framed = load(), load(as_frame=True)
    assert list(framed.data) == framed.feature_names == arrays.feature_names
    np.testing.assert_array_equal(framed.data.to_numpy(), arrays.data)
    np.testing.assert_array_equal(framed.target.to_numpy(), arrays.target)
    assert set(framed.data.dtypes) == {arrays.data.dtype}
    assert framed.target.dtype == arrays.target.dtype
    pd.testing.assert_frame_equal(framed.data, framed.frame[framed.feature_names])
    pd.testing.assert_series_equal(framed.target, framed.frame[framed.target.name])
    for name in set(framed.frame) & set(_arrays(arrays)):
        np.testing.assert_array_equal(np.asarray(framed.frame[name]), arrays[name])


@every_loader
def test_as_frame_with_return_x_y(load):
    pd = pytest.importorskip("pandas")
    framed = load(as_frame=True)
    data, target = load(as_frame=True, return_X_y=True)
    pd.testing.assert_frame_equal(data, framed.data)
    pd.testing.assert_series_equal(target, framed.target)


@every_loader
def test_as_frame_without_pandas_says_what_to_install(load, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    load()
    with pytest.raises(ImportError, match=r"pip install .sklearn-calib\[frames\]."):
        load(as_frame=True)


@every_loader
def test_values_are_missing_only_where_documented(load):
    for name, values in _arrays(load()).items():
        if name == "data" and load in MAY_MISS_DATA:
            continue
        if values.dtype.kind == "f" and name not in MAY_BE_NAN:
            assert np.all(np.isfinite(values)), name


@every_loader
def test_arrays_are_fresh_and_writable(load):
    original, spoiled = load(), load()
    for values in _arrays(spoiled).values():
        values[...] = values[::-1].copy()
        values[:1] = values[-1:]
    for name in ("feature_names", "models", "target_names"):
        if spoiled.get(name):
            spoiled[name].clear()
    again = load()
    for name, values in _arrays(original).items():
        np.testing.assert_array_equal(again[name], values)
    for name in ("feature_names", "models", "target_names"):
        assert again.get(name) == original.get(name)


@every_loader
def test_integers_do_not_wrap_around(load):
    # int64 throughout: a difference of small unsigned labels would overflow silently
    for values in _arrays(load()).values():
        assert values.dtype.kind not in "iu" or values.dtype == np.int64


def test_the_files_are_small():
    size = sum(len((DATA / name).read_bytes()) for name in FILES)
    size += sum(len((DATA / "LICENSES" / name).read_bytes()) for name in LICENCES)
    assert size < 1_900_000


def test_every_file_is_on_the_data_card():
    for name in FILES:
        assert f"`{name}`" in CARD
    for load in LOADERS:
        assert f"`{load.__name__}`" in CARD


def test_every_section_of_the_card_names_source_licence_and_selection():
    sections = CARD.split("\n## ")[1:]
    assert len(sections) == len(LOADERS)
    for section in sections:
        for word in ("Source", "commit", "Licence", "Reference", "Selected", "Changed"):
            assert word in section


def test_licence_texts_are_bundled():
    assert LICENCES == ["Apache-2.0.txt", "MIT.txt", "README.md"]
    mit = (DATA / "LICENSES" / "MIT.txt").read_text(encoding="utf-8")
    for repository in (
        "Linwei94/LLM-Calibration-Study",
        "NoamMichael/Comparing-Confidence-in-LLMs",
        "EnSec-AI/VLM-Uncertainty-Bench",
        "p-lambda/verified_calibration",
        "Yuuxii/Influences-on-LLM-Calibration",
        "bhaweshiitk/ConformalLLM",
    ):
        assert repository in mit
        assert repository in CARD


def test_files_hold_no_pickles():
    for name in FILES:
        with (DATA / name).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            assert all(archive[key].dtype != object for key in archive)

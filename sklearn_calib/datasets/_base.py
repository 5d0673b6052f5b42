"""From a bundled file to what a scikit-learn loader returns."""

from importlib import resources

import numpy as np
from sklearn.utils import Bunch

from sklearn_calib._optional import import_optional
from sklearn_calib._validation import check_option

_DATA = resources.files("sklearn_calib.datasets") / "data"
_CARD = _DATA / "LICENSES" / "README.md"


def load_arrays(name):
    """Return the arrays of `data/<name>.npz` as a dict, read anew on every call."""
    with (_DATA / f"{name}.npz").open("rb") as file, np.load(file) as archive:
        return dict(archive)


def load_description(name):
    """Return the section of the data card that is headed `name`."""
    sections = _CARD.read_text(encoding="utf-8").split("\n## ")
    return next(section for section in sections if section.startswith(f"{name}\n"))


def index_of(value, name, accepted):
    """Return the position of `value` in the array `accepted`, or raise naming what is in it."""
    options = accepted.tolist()
    check_option(value, name, options)
    return options.index(value)


def make_result(data, target, rows, *, feature_names, target_name, return_X_y, as_frame, **fields):
    """Return `(data, target)` or a `Bunch`; `rows` holds further arrays of one value per row."""
    frame = None
    if as_frame:
        features = dict(zip(feature_names, data.T, strict=True))
        frame = _make_frame({**features, **rows, target_name: target})
        data, target = frame[feature_names], frame[target_name]
    if return_X_y:
        return data, target
    return Bunch(
        data=data, target=target, frame=frame, feature_names=feature_names, **rows, **fields
    )


def _make_frame(columns):
    """Return a data frame that owns its memory; text becomes categories."""
    pd = import_optional("pandas", extra="frames")
    return pd.DataFrame(
        {
            name: pd.Categorical(values) if values.dtype.kind == "U" else values
            for name, values in columns.items()
        }
    )

"""Tables, curves and fits of data frames, computed by their engine; needs the extra ``frames``."""

from sklearn_calib.frames._fit_from_frame import fit_from_frame
from sklearn_calib.frames._risk_coverage_from_frame import risk_coverage_from_frame
from sklearn_calib.frames._table_from_frame import table_from_frame

__all__ = ["fit_from_frame", "risk_coverage_from_frame", "table_from_frame"]

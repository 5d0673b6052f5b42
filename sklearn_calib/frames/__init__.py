"""The same tables and fits from data-frame engines, computed where the rows are; needs the extra ``frames``."""

from sklearn_calib.frames._fit_from_frame import fit_from_frame
from sklearn_calib.frames._risk_coverage_from_frame import risk_coverage_from_frame
from sklearn_calib.frames._table_from_frame import table_from_frame

__all__ = ["fit_from_frame", "risk_coverage_from_frame", "table_from_frame"]

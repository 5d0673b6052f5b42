"""Calibrators: small classifiers on scores, with ``fit`` and ``predict_proba``."""

from sklearn_calib.calibrators._beta import BetaCalibrator
from sklearn_calib.calibrators._binning import BinningCalibrator
from sklearn_calib.calibrators._cv import CalibratorCV
from sklearn_calib.calibrators._dirichlet import DirichletCalibrator
from sklearn_calib.calibrators._identity import IdentityCalibrator
from sklearn_calib.calibrators._isotonic import IsotonicCalibrator
from sklearn_calib.calibrators._matrix import MatrixScaler
from sklearn_calib.calibrators._quadratic import QuadraticCalibrator
from sklearn_calib.calibrators._sigmoid import SigmoidCalibrator
from sklearn_calib.calibrators._spline import SplineCalibrator
from sklearn_calib.calibrators._temperature import TemperatureScaler
from sklearn_calib.calibrators._vector import VectorScaler
from sklearn_calib.calibrators._venn_abers import VennAbersCalibrator

__all__ = [
    "BetaCalibrator",
    "BinningCalibrator",
    "CalibratorCV",
    "DirichletCalibrator",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "MatrixScaler",
    "QuadraticCalibrator",
    "SigmoidCalibrator",
    "SplineCalibrator",
    "TemperatureScaler",
    "VectorScaler",
    "VennAbersCalibrator",
]

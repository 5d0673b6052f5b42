"""Ensembles: probabilities from several members, and what their disagreement tells."""

from sklearn_calib.ensemble._agreement_confidence import agreement_confidence
from sklearn_calib.ensemble._answer_agreement import AnswerAgreement, answer_agreement
from sklearn_calib.ensemble._combine_probabilities import combine_probabilities
from sklearn_calib.ensemble._disagreement import disagreement
from sklearn_calib.ensemble._ensemble_classifier import EnsembleClassifier
from sklearn_calib.ensemble._signal_calibrator import SignalCalibrator
from sklearn_calib.ensemble._uncertainty import Uncertainty, uncertainty

__all__ = [
    "AnswerAgreement",
    "EnsembleClassifier",
    "SignalCalibrator",
    "Uncertainty",
    "agreement_confidence",
    "answer_agreement",
    "combine_probabilities",
    "disagreement",
    "uncertainty",
]

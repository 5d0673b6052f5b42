"""Decide: from which confidence on is an answer given?"""

from sklearn_calib.selective._abstaining import AbstainingClassifier
from sklearn_calib.selective._router import ConfidenceRouter
from sklearn_calib.selective._select_threshold import select_threshold
from sklearn_calib.selective._select_tiers import select_tiers
from sklearn_calib.selective._selected_threshold import SelectedThreshold
from sklearn_calib.selective._selected_tiers import SelectedTiers, Tier

__all__ = [
    "AbstainingClassifier",
    "ConfidenceRouter",
    "SelectedThreshold",
    "SelectedTiers",
    "Tier",
    "select_threshold",
    "select_tiers",
]

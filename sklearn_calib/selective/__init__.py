"""Decide: from which confidence on is an answer given?"""

from sklearn_calib.selective._abstaining import AbstainingClassifier
from sklearn_calib.selective._select_threshold import select_threshold
from sklearn_calib.selective._selected_threshold import SelectedThreshold

__all__ = ["AbstainingClassifier", "SelectedThreshold", "select_threshold"]

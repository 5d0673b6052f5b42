"""Decide: from which confidence on is an answer given?"""

from sklearn_calib.selective._abstaining import AbstainingClassifier

__all__ = ["AbstainingClassifier"]

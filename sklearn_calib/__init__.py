"""Honest confidence for scikit-learn classifiers and LLM answers."""

__version__ = "0.1.0.dev0"

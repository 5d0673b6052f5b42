"""
Two models of equal accuracy
============================

Two classifiers of handwritten digits are right equally often. Answers with a confidence of 90 % or more
are to be used without a check. Does it matter which model is taken?
"""

# %%
# Equal accuracy, different promises
# ----------------------------------
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_predict

from sklearn_calib import CalibratedClassifier, TemperatureScaler
from sklearn_calib.display import ReliabilityDisplay
from sklearn_calib.metrics import coverage, selective_accuracy

X, y = load_digits(return_X_y=True)
models = {
    "discriminant": LinearDiscriminantAnalysis(),
    "shallow trees": ExtraTreesClassifier(50, max_depth=6, random_state=0),
}


def look(models):
    """Out-of-fold probabilities, and what using the answers of 90 % and more comes to."""
    proba = {n: cross_val_predict(m, X, y, cv=3, method="predict_proba") for n, m in models.items()}
    for name, p in proba.items():
        accuracy = accuracy_score(y, p.argmax(axis=1))
        used, right = coverage(y, p, threshold=0.9), selective_accuracy(y, p, threshold=0.9)
        print(f"{name:<13} accuracy {accuracy:.1%}, uses {used:.0%}, right in {right:.1%} of these")
    return proba


stated = look(models)

# %%
# One temperature for each
# ------------------------
# The trees are far too modest, the discriminant is too sure. Both can be told.
calibrated = look(
    {n: CalibratedClassifier(m, TemperatureScaler(), cv=3) for n, m in models.items()}
)

figure, axes = plt.subplots(1, 2, figsize=(10, 5.5), layout="constrained")
for ax, title, proba in zip(axes, ("as stated", "calibrated"), (stated, calibrated), strict=True):
    ReliabilityDisplay.from_predictions(y, proba, ax=ax, interval=False)
    ax.set_title(title)
plt.show()

# %%
# **Conclusion.** It does: as stated, one model would answer 92 % of the digits without a check and be
# wrong in one of 23, the other would answer 1 %. Accuracy alone does not tell them apart. After
# calibration the same rule means the same for both: two thirds are answered, and hardly one in 300 is
# wrong.

"""
Choose a model by a proper score, report its calibration beside it
==================================================================

A search may look at anything that a scorer can compute. Should it look for the smallest calibration
error?
"""

# %%
# One search, three numbers
# -------------------------
# Calibrators are parameters like any other. `refit` names the score that decides.
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import GridSearchCV

from sklearn_calib import (
    BinningCalibrator,
    CalibratedClassifier,
    IdentityCalibrator,
    TemperatureScaler,
)
from sklearn_calib.metrics import get_scorer

X, y = load_digits(return_X_y=True)
model = CalibratedClassifier(ExtraTreesClassifier(20, random_state=0), IdentityCalibrator(), cv=3)
calibrators = {
    "none": IdentityCalibrator(),
    "temperature": TemperatureScaler(),
    "20 bins": BinningCalibrator(n_bins=20),
    "1 bin": BinningCalibrator(n_bins=1),
}
search = GridSearchCV(
    model,
    {"calibrator": list(calibrators.values()), "estimator__max_depth": [4, None]},
    scoring={
        "log_loss": "neg_log_loss",
        "calibration_error": get_scorer("neg_expected_calibration_error"),
        "accuracy": "accuracy",
    },
    refit="log_loss",
    cv=3,
).fit(X, y)

table = pd.DataFrame(
    {
        "calibrator": [name for name in calibrators for _ in range(2)],
        "max_depth": [p["estimator__max_depth"] for p in search.cv_results_["params"]],
        "log loss": -search.cv_results_["mean_test_log_loss"],
        "calibration error": -search.cv_results_["mean_test_calibration_error"],
        "accuracy": search.cv_results_["mean_test_accuracy"],
    }
)
print(table.round(3).to_string(index=False))

# %%
# The map of the search
# ---------------------
import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for marker, (name, rows) in zip("os^D", table.groupby("calibrator", sort=False), strict=True):
    ax.scatter(rows["calibration error"], rows["log loss"], label=name, s=60, marker=marker)
best = table.loc[search.best_index_]
ax.annotate(
    "chosen", best[["calibration error", "log loss"]], (0.16, 0.9), arrowprops={"arrowstyle": "->"}
)
ax.set(xlabel="expected calibration error", ylabel="log loss")
ax.legend(title="calibrator")
plt.show()

# %%
# **Conclusion.** No: the smallest calibration error belongs to a single bin, which gives every digit the
# same ten probabilities and is right one time in ten. Let the log loss choose, here temperature scaling
# of deep trees, and report the calibration error of what was chosen.

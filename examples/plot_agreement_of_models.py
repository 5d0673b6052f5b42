"""
Ask twelve models
=================

Twelve open language models answered a thousand questions of TriviaQA. Which tells better whether an
answer is right: the probability that its own model gave it, or how many of the others say the same?
"""

# %%
# Two signals, and both together
# ------------------------------
# Agreement is the share of the *other* models with the same answer. Calibrators learn on 2,000 other
# questions, and everything below is about new ones.
import matplotlib.pyplot as plt
import numpy as np

from sklearn_calib import IsotonicCalibrator
from sklearn_calib.datasets import load_triviaqa_answers
from sklearn_calib.display import RiskCoverageDisplay
from sklearn_calib.ensemble import SignalCalibrator, answer_agreement
from sklearn_calib.metrics import area_under_risk_coverage_curve, expected_calibration_error


def signals(records):
    codes = records.answer.reshape(-1, records.n_models)
    agreement = answer_agreement(codes, missing=-1).leave_one_out
    return np.column_stack([records.data[:, 0], agreement.ravel()])


past, new = load_triviaqa_answers("train"), load_triviaqa_answers("test")
X, X_new = signals(past), signals(new)
confidence = {}
for i, name in enumerate(("own probability", "agreement")):
    single = IsotonicCalibrator().fit(X[:, i], past.target)
    confidence[name] = single.predict_proba(X_new[:, i])[:, 1]
both = SignalCalibrator().fit(X, past.target)
confidence["both"] = both.predict_proba(X_new)[:, 1]

for name, p in confidence.items():
    area = area_under_risk_coverage_curve(new.target, p, kind="record")
    error = expected_calibration_error(new.target, p, kind="record")
    print(f"{name:<15} AURC {area:.3f}, calibration error {error:.3f}")

RiskCoverageDisplay.from_predictions(
    dict.fromkeys(confidence, new.target), confidence, kind="record"
)
plt.show()

# %%
# What it means for an answer
# ---------------------------
print(f"no other model agrees: {np.mean(X_new[:, 1] == 0):.0%} of the answers")
for p, agreement in ((0.95, 0.1), (0.95, 0.9), (0.5, 0.1), (0.5, 0.9)):
    right = both.predict_proba([[p, agreement]])[0, 1]
    print(f"own probability {p:.0%}, {agreement:.0%} of the others agree: right in {right:.0%}")

# %%
# **Conclusion.** What the others say. Best are both together: a third of the answers has no other model
# on its side, and only the own probability ranks those. A model that is 95 % sure but alone is right in
# one case of three. Where several models are at hand, count them before you trust one.

"""
Which subjects does the model not know?
=======================================

gpt-4o states how sure it is of each answer to MMLU-Pro. Calibrated, it is honest on average. Is it
honest about law, or chemistry, and which of its confident answers should be checked?
"""

# %%
# Honest on average, wrong about subjects
# ---------------------------------------
# As stated, every subject is overconfident. Half of the answers teach a calibrator, with the subject as
# context or without; the other half is shown. A marker is filled where
# the interval, which allows for fourteen looks, excludes an honest confidence.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import log_loss

from sklearn_calib import ContextualCalibrator, IsotonicCalibrator
from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.display import GroupCalibrationDisplay
from sklearn_calib.metrics import calibration_by_group

frame = load_mmlu_pro_confidence(model="gpt-4o", as_frame=True).frame
past, new = frame.iloc[::2], frame.iloc[1::2]
plain = IsotonicCalibrator().fit(past[["confidence"]], past["correct"])
context = ContextualCalibrator(context="subject", calibrator=IsotonicCalibrator())
context.fit(past[["confidence", "subject"]], past["correct"])
confidence = {
    "as stated": new["confidence"],
    "calibrated": plain.predict_proba(new[["confidence"]])[:, 1],
    "by subject": context.predict_proba(new[["confidence", "subject"]])[:, 1],
}
for name, p in confidence.items():
    groups = calibration_by_group(new["correct"], p, new["subject"], kind="record")
    off = (groups.gap_lower > 0) | (groups.gap_upper < 0)
    print(
        f"{name:<10} gaps {groups.gap.min():+.2f} to {groups.gap.max():+.2f},"
        f" {np.sum(off)} of {len(off)} intervals without 0,"
        f" log loss {log_loss(new['correct'], p):.3f}"
    )

figure, ax = plt.subplots(figsize=(8, 6.5), layout="constrained")
GroupCalibrationDisplay.from_predictions(
    new["correct"], confidence, groups=new["subject"], kind="record", ax=ax
)
plt.show()

# %%
# Flagging confident mistakes
# ---------------------------
# Of the answers that the model states with 95 % or more, those that its subject makes less than 80 %
# likely are flagged.
sure = new["confidence"] >= 0.95
flag = sure & (confidence["by subject"] < 0.8)
wrong = new["correct"] == 0
print(
    f"{flag[sure].mean():.0%} of the confident answers are flagged:",
    *sorted(set(new["subject"][flag])),
)
print(
    f"wrong: {wrong[flag].mean():.0%} of the flagged, {wrong[sure & ~flag].mean():.0%} of the others"
)
print(f"they hold {wrong[flag].sum() / wrong[sure].sum():.0%} of the confident mistakes")

# %%
# **Conclusion.** It is about law, but not about chemistry: what makes the average honest leaves seven of
# fourteen subjects off. With the subject as context none is left whose interval excludes honesty, and a
# check of three in ten confident answers meets nearly half of the confident mistakes. Give a calibrator
# what you know about the question.

"""
A language model that is too sure of itself
===========================================

gpt-4o answered the questions of MMLU-Pro and said how sure it was of each answer. May we take that at
face value?
"""

# %%
# What it says, and how often it is right
# ---------------------------------------
# Nearly all stated confidences are 0.8 or more, and each of them promises more than it keeps.
import matplotlib.pyplot as plt

from sklearn_calib import BinningCalibrator
from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.display import ReliabilityDisplay
from sklearn_calib.metrics import calibration_table

records = load_mmlu_pro_confidence(model="gpt-4o")
confidence, correct = records.data[:, 0], records.target
print(calibration_table(correct, confidence, kind="record"))

# %%
# Half of the answers teach what it means
# ---------------------------------------
# Stated confidences sit on a few values. Binning looks up how often each was right: on every second
# question, while the others are kept to judge the result.
calibrator = BinningCalibrator(n_bins="cube_root").fit(confidence[::2], correct[::2])
honest = calibrator.predict_proba(confidence[1::2])[:, 1]

figure, axes = plt.subplots(1, 2, figsize=(10, 5.5), layout="constrained")
for ax, name, values in zip(
    axes, ("as stated", "calibrated"), (confidence[1::2], honest), strict=True
):
    ReliabilityDisplay.from_predictions(correct[1::2], values, kind="record", name=name, ax=ax)
    ax.set_title(f"Confidence {name}")
figure.suptitle("gpt-4o on questions that the calibrator has not seen")
plt.show()

# %%
# What a statement means
# ----------------------
for stated, meant in zip(
    (0.8, 0.9, 0.95, 1.0), calibrator.predict_proba([0.8, 0.9, 0.95, 1.0])[:, 1], strict=True
):
    print(f'"{stated:.0%} sure" is right in {meant:.0%} of cases')

# %%
# **Conclusion.** No: "90 % sure" means little more than a coin flip. But it means the same on new
# questions, so that a look-up of what was observed makes the number honest. Route on that one.

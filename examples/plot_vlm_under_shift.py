"""
A vision-language model under shift
===================================

A vision-language model answers multiple-choice questions about photographs, and is calibrated on ordinary
ones. Does the calibration hold where objects are seen in an unusual pose, texture or weather?
"""

# %%
# Calibrate where things are as usual
# -----------------------------------
# Options E ("I don't know") and F ("None of the above") are never right. One temperature cannot say
# that; `VectorScaler` has an intercept for each option.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import log_loss

from sklearn_calib import TemperatureScaler, VectorScaler
from sklearn_calib.datasets import load_vlm_option_logits
from sklearn_calib.metrics import expected_calibration_error

answers = load_vlm_option_logits("oodcv", model="llava-v1.5-13b")
usual = answers.situation == "iid"
fit = np.flatnonzero(usual)[::2]
temperature = TemperatureScaler(input="logits", classes=range(6))
vector = VectorScaler(input="logits", classes=range(6))
calibrators = {c: c.fit(answers.data[fit], answers.target[fit]) for c in (temperature, vector)}
print(f"temperature {temperature.temperature_:.2f}, intercepts {vector.intercept_.round(1)}")

# %%
# Judge where they are not
# ------------------------
# Each situation is a test set of its own; of the usual one the other half is taken.
test = {"usual": np.flatnonzero(usual)[1::2]}
for name in np.unique(answers.situation[~usual]):
    test[str(name)] = np.flatnonzero(answers.situation == name)


def stated(logits):
    """What the model states itself."""
    odds = np.exp(logits.astype(float) - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


methods = {
    "as stated": stated,
    "temperature": temperature.predict_proba,
    "vector": vector.predict_proba,
}
figure, axes = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained", sharey=True)
position = np.arange(len(test))
for offset, (name, proba_of) in zip((0.25, 0, -0.25), methods.items(), strict=True):
    proba = {situation: proba_of(answers.data[rows]) for situation, rows in test.items()}
    losses = [log_loss(answers.target[test[s]], p, labels=range(6)) for s, p in proba.items()]
    errors = [
        expected_calibration_error(answers.target[test[s]], p, labels=range(6))
        for s, p in proba.items()
    ]
    print(f"{name:<11} log loss usual {losses[0]:.2f}, worst {max(losses):.2f}")
    for ax, values in zip(axes, (losses, errors), strict=True):
        ax.barh(position + offset, values, height=0.25, label=name)
axes[0].set(yticks=position, yticklabels=list(test), xlabel="log loss", title="Proper score")
axes[1].set(xlabel="expected calibration error", title="Calibration error")
axes[0].invert_yaxis()
axes[1].legend()
plt.show()

# %%
# **Conclusion.** Half. Vector scaling learnt on usual photographs has the lowest log loss in every
# situation: that two options are never right holds everywhere. But its calibration error doubles where
# objects are occluded: the model is right in 92 % of those cases, more than it says and more than usual
# photographs could teach. A calibration is a statement about cases like those it was learnt on: keep
# some labelled rows of each situation, and measure there.

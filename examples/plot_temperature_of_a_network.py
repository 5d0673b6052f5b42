"""
One temperature for a network
=============================

Two image classifiers on CIFAR-10 are right more than nine times in ten, and surer than that. Is one
number enough to correct them?
"""

# %%
# Fit on one half, judge on the other
# -----------------------------------
# A temperature above 1 softens all probabilities; the predicted class never changes.
import matplotlib.pyplot as plt
from sklearn.metrics import accuracy_score, log_loss

from sklearn_calib import TemperatureScaler
from sklearn_calib.datasets import load_cifar10_probabilities
from sklearn_calib.display import ReliabilityDisplay
from sklearn_calib.metrics import expected_calibration_error

figure, axes = plt.subplots(1, 2, figsize=(10, 5.5), layout="constrained")
for ax, model in zip(axes, ("wideresnet-16-4", "vgg16"), strict=True):
    images = load_cifar10_probabilities(model=model)
    fit, test = images.cal_idx, images.test_idx
    scaler = TemperatureScaler().fit(images.data[fit], images.target[fit])
    proba = {"network": images.data[test], "scaled": scaler.predict_proba(images.data[test])}
    ReliabilityDisplay.from_predictions(images.target[test], proba, ax=ax, interval=False)
    ax.set_title(f"{model}, T = {scaler.temperature_:.2f}")
    print(f"{model}: accuracy {accuracy_score(images.target[test], proba['scaled'].argmax(1)):.1%}")
    for name, values in proba.items():
        loss = log_loss(images.target[test], values)
        error = expected_calibration_error(images.target[test], values, n_bins=15)
        print(f"  {name}: log loss {loss:.3f}, calibration error {error:.3f}")
plt.show()

# %%
# **Conclusion.** Yes, for these: the calibration error falls to a fifth and to less than a half, and the
# log loss, which no constant prediction could lower, falls with it. Where single confidences stay off
# the diagonal, as stated ones of language models do, one number is not enough.

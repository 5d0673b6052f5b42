"""
Which forecast can be repaired?
===============================

Two methods forecast solar flares day by day, and both have a worse Brier score than NOAA. Is that because
their probabilities are off, which a calibrator mends, or because they do not know enough?
"""

# %%
# Miscalibration and discrimination
# ---------------------------------
# The curve is the best non-decreasing map from forecast to frequency, without bins; the band is where it
# would lie if the forecasts were right. NICT says yes or no: certainty leaves no room for noise, and no
# band. The Brier score is miscalibration (MCB) - discrimination (DSC) + uncertainty (UNC).
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import brier_score_loss

from sklearn_calib import SigmoidCalibrator
from sklearn_calib.datasets import load_solar_flares
from sklearn_calib.display import CorpReliabilityDisplay
from sklearn_calib.metrics import score_decomposition

flares = load_solar_flares("C1")
methods = {n: flares.data[:, flares.feature_names.index(n)] for n in ("NOAA", "NICT", "GDAFFS")}
figure, axes = plt.subplots(1, 3, figsize=(13, 5.5), layout="constrained")
for ax, (name, forecast) in zip(axes, methods.items(), strict=True):
    CorpReliabilityDisplay.from_predictions(flares.target, forecast, ax=ax)
    ax.set_title(name)
    parts = score_decomposition(flares.target, forecast)
    print(
        f"{name:<7} Brier {parts.score:.3f} = {parts.miscalibration:.3f}"
        f" - {parts.discrimination:.3f} + {parts.uncertainty:.3f}"
    )
plt.show()

# %%
# The proof: learn on one year, repair the next
# ---------------------------------------------
past = flares.date < np.datetime64("2017-01-01")
y_past, y_new = flares.target[past], flares.target[~past]
for name, forecast in methods.items():
    repaired = SigmoidCalibrator().fit(forecast[past], y_past).predict_proba(forecast[~past])[:, 1]
    before, after = brier_score_loss(y_new, forecast[~past]), brier_score_loss(y_new, repaired)
    print(f"{name:<7} in 2017: Brier {before:.3f}, repaired {after:.3f}")

# %%
# **Conclusion.** NICT's, in part: it tells days with flares from others nearly as well as NOAA, and loses
# by being certain. Repaired, it gains 0.010 on a new year, a third of its distance to NOAA. GDAFFS gains
# 0.002: it lacks discrimination, which no calibrator gives. Calibrate the first, and look for better
# inputs to the second.

"""
The calibration error of a perfect forecaster
=============================================

Somebody shows a calibration error of 0.05, measured on 200 answers. Is that bad?
"""

# %%
# A forecaster who is always honest
# ---------------------------------
# Outcomes are drawn with the very probabilities that are stated, so that the true calibration error is
# zero. The stated ones are those of a real language model, claude-3-5-haiku, after calibration.
import matplotlib.pyplot as plt
import numpy as np

from sklearn_calib import BinningCalibrator
from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.metrics import expected_calibration_error

confidence, correct = load_mmlu_pro_confidence(model="claude-3-5-haiku", return_X_y=True)
honest = (
    BinningCalibrator(n_bins="cube_root").fit(confidence, correct).predict_proba(confidence)[:, 1]
)
rng = np.random.default_rng(0)
sizes = np.array([50, 100, 200, 500, 1000, 2000, 5000])
errors = {}
for n in sizes:
    stated = rng.choice(honest, size=(200, n))
    outcome = rng.random(stated.shape) < stated
    errors[n] = [
        expected_calibration_error(o, p, kind="record")
        for o, p in zip(outcome, stated, strict=True)
    ]
low, median, high = np.array([np.quantile(errors[n], (0.05, 0.5, 0.95)) for n in sizes]).T
for n, m, h in zip(sizes, median, high, strict=True):
    print(f"{n:>5} answers: median {m:.3f}, one in twenty above {h:.3f}")

# %%
figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
ax.fill_between(sizes, low, high, alpha=0.3, label="9 of 10 samples")
ax.plot(sizes, median, label="median")
ax.axhline(0, color="black", linewidth=0.8, label="truth")
ax.set(
    xscale="log",
    xlabel="answers",
    ylabel="expected calibration error",
    title="Calibrated, by construction",
)
ax.legend()
plt.show()

# %%
# **Conclusion.** No: an honest forecaster gets that on 200 answers as often as not. The plain error
# counts noise as miscalibration, since absolute values do not average out. Before you act on one, ask for
# its interval or test it, and compare only errors of samples of about the same size.

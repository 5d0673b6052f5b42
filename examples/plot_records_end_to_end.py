"""
From the words of a model to a policy
=====================================

A chat model was asked 3,247 yes-or-no questions and to say how sure it is. The responses and a verdict on
each are in the log. Which answers may go out by themselves from tomorrow on?
"""

# %%
# Read the words
# --------------
# The answers are those of gpt-4o to BoolQ. Bundled are its numbers; sentences are put around them here.
import matplotlib.pyplot as plt
import numpy as np

from sklearn_calib import BinningCalibrator, Policy, select_tiers
from sklearn_calib.datasets import load_stated_confidence
from sklearn_calib.display import ReliabilityDisplay
from sklearn_calib.llm import parse_confidence
from sklearn_calib.metrics import (
    calibration_error_interval,
    calibration_test,
    mean_calibration_gap,
)

answers = load_stated_confidence("BoolQ", model="gpt-4o")
phrases = (
    "Yes. I'm {:.0%} sure.",
    '{{"answer": "no", "confidence": {:.2f}}}',
    "No (confidence: {:.0%})",
)
log = [
    {"role": "assistant", "content": phrases[i % 3].format(p), "correct": bool(right)}
    for i, (p, right) in enumerate(zip(answers.data[:, 0], answers.target, strict=True))
]
log.append({"role": "assistant", "content": "I'm not 100% sure.", "correct": True})

confidence, reason = parse_confidence([message["content"] for message in log])
read = ~np.isnan(confidence)
print(f"read {read.sum()} of {len(log)}; not read: {', '.join(reason[~read])}")

# %%
# Measure
# -------
# Errors have intervals, and a test says whether honest statements could look like this.
confidence = confidence[read]
correct = np.array([message["correct"] for message in log])[read]
gap = mean_calibration_gap(correct, confidence, kind="record")
error = calibration_error_interval(correct, confidence, kind="record")
test = calibration_test(correct, confidence, kind="record")
print(f"says {confidence.mean():.1%}, is right in {correct.mean():.1%}: gap {gap:+.3f}")
print(f"calibration error {error.estimate:.3f} ({error.lower:.3f} to {error.upper:.3f})")
print(f"honest? p = {test.pvalue:.2g}")

# %%
# Learn what a statement means
# ----------------------------
# On every second answer; the picture shows the others.
calibrator = BinningCalibrator(n_bins="cube_root").fit(confidence[::2], correct[::2])
shown = {
    "as stated": confidence[1::2],
    "calibrated": calibrator.predict_proba(confidence[1::2])[:, 1],
}
ReliabilityDisplay.from_predictions(
    correct[1::2], shown, kind="record", strategy="quantile", histogram=False
)
plt.show()

# %%
# Decide, and write it down
# -------------------------
# The threshold is on what the model says, so that whoever applies it needs no calibrator.
tiers = select_tiers(
    correct, confidence, tiers=[("answer", 0.85)], otherwise="review", confidence_level=0.95
)
print(tiers)
policy = Policy.from_tiers(tiers)
print(policy.to_json())

# %%
# Tomorrow another program reads the file, and routes what comes.
tomorrow = ["Yes. I'm 99% sure.", "Yes. I'm 90% sure.", '{"answer": "no", "confidence": 0.95}']
print(Policy.from_json(policy.to_json()).route(parse_confidence(tomorrow).confidence))

# %%
# **Conclusion.** Those stated with 95 % or more: two thirds of all, with a promise, spelt out in the
# file, that at least 85 % of them are right. The others are reviewed, since only 72 % of those are.
# Before you trust the policy, count what could not be read, and see that the log is like what will come.

"""
From which confidence on may an answer go out unread?
=====================================================

Answers should be right in 80 % of cases when nobody checks them. For which language models is there such
a confidence, and how many answers does it leave?
"""

# %%
# Accuracy of the most confident answers
# --------------------------------------
# Each model is followed from its most confident answers (left) to all of them (right). Equal confidences
# stand or fall together, so only the marked points can be chosen.
import matplotlib.pyplot as plt

from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.display import RiskCoverageDisplay
from sklearn_calib.metrics import coverage, risk_coverage_curve, selective_accuracy

target = 0.8
models = ["deepseek-chat", "gpt-4o", "claude-3-5-haiku", "Meta-Llama-3.1-8B"]
data = {name: load_mmlu_pro_confidence(model=name, return_X_y=True) for name in models}
RiskCoverageDisplay.from_predictions(
    {name: correct for name, (_, correct) in data.items()},
    {name: confidence for name, (confidence, _) in data.items()},
    kind="record",
    target_accuracy=target,
)
plt.show()

# %%
# Choose on one half, look at the other
# -------------------------------------
# The threshold is the lowest confidence that reaches the target on every second question.
for name, (confidence, correct) in data.items():
    curve = risk_coverage_curve(correct[::2], confidence[::2], kind="record")
    reached = curve.threshold[1 - curve.risk >= target]
    if reached.size == 0:
        print(f"{name}: no confidence is right in {target:.0%} of cases")
        continue
    new = {"y_true": correct[1::2], "y_proba": confidence[1::2], "kind": "record"}
    share = coverage(threshold=reached.min(), **new)
    accuracy = selective_accuracy(threshold=reached.min(), **new)
    print(f"{name}: from {reached.min():g} on, {share:.0%} answered, {accuracy:.1%} right")

# %%
# **Conclusion.** The same requirement means three different policies: nearly everything, two thirds, or
# one answer in twenty goes out unread. The smallest model states confidences that carry too little
# information: hand all its answers to a person, or find a better signal.

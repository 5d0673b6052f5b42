"""
Ten prompts as an ensemble
==========================

A language model answered 1,623 multiple-choice questions ten times, each time after another worked
example in the prompt. Is the mean of the ten answers better than one? And where they differ, is the
answer wrong?
"""

# %%
# The mean
# --------
# The number of prompts is what one pays for. For each number some choices of prompts are averaged.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from sklearn_calib.datasets import load_mmlu_prompts
from sklearn_calib.display import RiskCoverageDisplay
from sklearn_calib.ensemble import combine_probabilities, disagreement

answers = load_mmlu_prompts()
probas = answers.data.reshape(answers.n_prompts, -1, 4)
label = answers.target[: probas.shape[1]]

rng = np.random.default_rng(0)
losses = {1: [log_loss(label, p) for p in probas]}
for size in range(2, 11):
    chosen = [rng.choice(10, size, replace=False) for _ in range(50 if size < 10 else 1)]
    losses[size] = [log_loss(label, combine_probabilities(probas[c])) for c in chosen]
for size in (1, 2, 4, 10):
    print(f"{size:>2} prompts: log loss {np.mean(losses[size]):.4f}")

# %%
# The disagreement
# ----------------
# Three ways to say how sure the ten are together. The first does not look at their differences at all.
mean = combine_probabilities(probas)
sure = {
    "probability of the answer": mean.max(axis=1),
    "votes for the answer": 1 - disagreement(probas, measure="vote_share"),
    "little mutual information": 1 - disagreement(probas, measure="mutual_information"),
}
right = (mean.argmax(axis=1) == label).astype(int)
for name, signal in sure.items():
    print(f"{name:<25} tells right from wrong with AUROC {roc_auc_score(right, signal):.2f}")

figure, (left, beside) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
for size, values in losses.items():
    left.scatter(np.full(len(values), size), values, s=12, color="C0", alpha=0.3, linewidths=0)
left.plot(list(losses), [np.mean(values) for values in losses.values()], color="C0", marker="o")
left.set(xlabel="prompts in the mean", ylabel="log loss", xticks=[1, 2, 4, 6, 8, 10])
RiskCoverageDisplay.from_predictions(dict.fromkeys(sure, right), sure, kind="record", ax=beside)
plt.show()

# %%
# **Conclusion.** The mean helps, a little: its log loss is 0.7 % below that of the average prompt, and
# no single prompt has a lower one. Two prompts bring half of it, four nearly all. Their disagreement
# says nothing that the mean does not say better: ten phrasings to one model are one opinion, and the
# model errs under all of them alike. Average a few prompts if they are cheap; for a second opinion ask
# :ref:`another model <sphx_glr_gallery_plot_agreement_of_models.py>`.

"""Write `metrics_catalogue.md` from the metrics: `python doc/make_catalogue.py`.

What a metric is, its formula and its references come from its docstring; what it is for, its bias and
when not to use it are said here. A test fails when a public metric is missing or the page is out of step.
"""

import inspect
import re
import runpy
from pathlib import Path
from typing import NamedTuple

from sklearn_calib import metrics

PAGE = Path(__file__).with_name("metrics_catalogue.md")
BIBLIOGRAPHY = runpy.run_path(str(PAGE.with_name("references.py")))
ENTRIES = BIBLIOGRAPHY["read_entries"]()

INTRODUCTION = """\
# Catalogue of metrics

<!-- Written by doc/make_catalogue.py; change that file or the docstrings, then run it. -->

Every metric of `sklearn_calib.metrics`: its formula, what it is for, its bias, when not to use it and
where it comes from. [Which number should I report?](measure.md) In the formulas an event has a
probability $p$, an outcome $o$ and a weight; a bin $b$ has the share $w_b$ of the weight, the mean
probability $\\mathrm{conf}_b$ and the mean outcome $\\mathrm{acc}_b$.
"""


class Entry(NamedTuple):
    """What a docstring does not say in one line each; `like` names the docstring that has the rest."""

    purpose: str
    bias: str
    avoid: str
    formula: str | None = None
    like: str | None = None


NO_BIAS = "None: a mean of the rows."

SECTIONS = {
    "Calibration error in bins": {
        "expected_calibration_error": Entry(
            "Comparing with published numbers; a first look, beside the diagram.",
            "Upwards: at perfect calibration about 0.3 √(bins / rows), with probabilities all over "
            "[0, 1]. A bootstrap interval of it excludes 0 even then.",
            "To choose a model (a constant forecast of the base rate has none), to compare samples of "
            "different size or numbers with different bins, or as proof of miscalibration.",
            formula=r"\sum_b w_b\,|\mathrm{conf}_b - \mathrm{acc}_b|",
            like="calibration_error",
        ),
        "calibration_error": Entry(
            "The same with another norm: squares weigh large gaps more, the maximum looks at one bin.",
            "Upwards, as above; the squared error by the mean variance of the accuracies.",
            'As above. With `norm="max"` a bin of one row counts as much as one of thousands.',
        ),
        "maximum_calibration_error": Entry(
            "The worst bin, where every bin must hold.",
            "Upwards, strongly: the largest of noisy gaps.",
            'With nearly empty bins; `strategy="quantile"` avoids those.',
            formula=r"\max_b |\mathrm{conf}_b - \mathrm{acc}_b|",
            like="calibration_error",
        ),
        "calibration_table": Entry(
            "Seeing where the error is; adding up days and shards; everything binned follows from it.",
            "None in each bin.",
            "As one number.",
            formula=r"(w_b,\ \mathrm{conf}_b,\ \mathrm{acc}_b)_b",
        ),
        "debiased_calibration_error": Entry(
            "Whether gaps are larger than noise makes them; comparing samples of different size.",
            "None for the squared error at the bins: it averages to 0 at perfect calibration and may be "
            "negative. Its root is biased.",
            "With bins of one row, or with weights that are not numbers of rows.",
        ),
        "overconfidence_error": Entry(
            "Which way the error goes: the overconfident part of the expected calibration error.",
            "Upwards, half as much as the expected calibration error.",
            "As evidence of overconfidence where underconfidence is as large: both may be noise.",
        ),
        "underconfidence_error": Entry(
            "The other part.",
            "Upwards, half as much as the expected calibration error.",
            "As above.",
            like="overconfidence_error",
        ),
    },
    "Calibration error without bins to choose": {
        "sweep_calibration_error": Entry(
            "A binned error whose number of bins follows the data.",
            "Upwards: at perfect calibration about 0.28 n^-1/3, with probabilities all over [0, 1]; less "
            "than ten bins up to 2 000 rows, more beyond.",
            "Where accuracy does not grow with confidence: one bin is left, which sees the mean gap.",
            formula=r"\sum_b w_b\,|\mathrm{conf}_b - \mathrm{acc}_b| \text{ with the largest number of "
            r"equal-weight bins whose } \mathrm{acc}_b \text{ do not decrease}",
        ),
        "smooth_calibration_error": Entry(
            "One number that changes little when forecasts change little.",
            "Upwards: at perfect calibration about 0.3 n^-1/3, with probabilities all over [0, 1].",
            "To compare samples of very different size.",
        ),
        "cumulative_calibration_error": Entry(
            "Testing: a p-value without bins; with the range also errors that another interval cancels.",
            "Upwards: at perfect calibration about 0.62 n^-1/2 (range), which the p-value allows for.",
            "For errors that change sign within short intervals, which sums average out.",
            formula=r"\max_k |C_k| \ \text{ or }\ \max_k C_k - \min_k C_k, \quad "
            r"C_k = \tfrac1n \sum_{i \le k} (p_{(i)} - o_{(i)})",
        ),
        "mean_calibration_gap": Entry(
            "The first thing to look at: is the model too sure on the whole?",
            "None.",
            "Alone: it is 0 for a model that is too sure here and not sure enough there.",
            formula=r"\overline{p} - \overline{o}",
        ),
    },
    "More than noise?": {
        "calibration_test": Entry(
            "The question itself: a p-value that is exact for any number of rows.",
            "None: false alarms at the stated rate.",
            "To say how large an error is: with enough rows the smallest is significant.",
            formula=r"P(T \ge t \mid o_i \sim \mathrm{Bernoulli}(p_i))",
        ),
        "calibration_error_interval": Entry(
            "How large the error at the bins may be, valid at perfect calibration too.",
            "None: it holds the error of the population at the bins as often as stated.",
            "For the error before binning, which has no useful interval; with clustered rows.",
            formula=r"\{e : \text{the observed error is not extreme if } \sum_b W_b |D_b| = e\}",
        ),
        "compare_calibration": Entry(
            "Is one model, or period, better calibrated than the other?",
            "None for the difference of squared errors at the bins.",
            "To choose between models, which is what proper scores are for.",
            formula=r"\sum_b W_b D_b^2(\text{a}) - \sum_b W_b D_b^2(\text{b})",
        ),
        "consistency_band": Entry(
            "Which points of a reliability diagram are off by more than noise.",
            "None, at each point by itself.",
            "As a test: with ten points one outside is no surprise.",
            formula=r"\text{quantiles of } \mathrm{acc}_b \text{ for } o_i \sim \mathrm{Bernoulli}(p_i)",
        ),
        "confidence_interval": Entry(
            "Uncertainty of proper scores and selective metrics, by bootstrap.",
            "Small (BCa), with a dozen clusters or more.",
            "For calibration errors, which it refuses: a bootstrap of them excludes 0 at calibration.",
            formula=r"\text{quantiles of the metric over resampled rows}",
        ),
    },
    "In groups and segments": {
        "calibration_by_group": Entry(
            "Which groups it is wrong about, with intervals and p-values that allow for their number.",
            "None for the gaps. Intervals are wider and p-values larger than need be in small groups.",
            "With gaps that cancel within a group, which a mean does not show.",
            formula=r"\mathrm{conf}_g - \mathrm{acc}_g",
        ),
        "multicalibration_error": Entry(
            "One number for calibration at every probability in every segment, with its noise level.",
            "Upwards: at perfect calibration `worst_noise` and `weighted_noise`, which it returns.",
            "Without its noise level; to compare samples or segmentations of different size.",
            formula=r"\sigma \max_g E_g / \sigma_g \ \text{ and }\ \sum_g s_g E_g",
        ),
    },
    "On the scale of log-odds": {
        "calibration_slope": Entry(
            "Whether forecasts are too extreme (below 1) or too timid (above 1).",
            "That of logistic regression, small from a few hundred rows on.",
            "Where the error is no stretch of log-odds; with separable outcomes, where it is infinite.",
            formula=r"b \text{ of } \operatorname{logit} P(o = 1) = a + b \operatorname{logit} p",
        ),
        "calibration_intercept": Entry(
            "Whether forecasts are too high (below 0) or too low (above 0).",
            "That of logistic regression, small.",
            "Alone: errors that cancel do not show.",
            formula=r"a \text{ of } \operatorname{logit} P(o = 1) = a + \operatorname{logit} p",
            like="calibration_slope",
        ),
        "spiegelhalter_z": Entry(
            "Testing with one known formula, as clinical papers do.",
            "None: about standard normal at perfect calibration.",
            "For shifts that leave the Brier score as expected, which it does not see.",
        ),
    },
    "Proper scores taken apart": {
        "score_decomposition": Entry(
            "Why one model scores better than another: is it more honest, or does it know more?",
            "Miscalibration and discrimination are too large, both by about 0.5 n^-2/3 (Brier score).",
            "To compare samples of different size; with the log loss where forecasts of 0 or 1 fail.",
        ),
        "recalibration_curve": Entry(
            "The reliability diagram without bins, and what recalibration would say.",
            "It follows noise; the consistency band of its diagram shows how much.",
            "Where accuracy does not grow with confidence: a monotone curve cannot show that.",
            formula=r"\arg\min_{c \text{ non-decreasing}} \sum_i w_i\,(c(p_i) - o_i)^2",
        ),
    },
    "Selective prediction": {
        "selective_accuracy": Entry(
            "Accuracy of the answers given from a threshold on, or of the most confident share.",
            "None for a threshold fixed beforehand.",
            "For a threshold that was chosen on the same rows.",
            formula=r"\sum_{p_i \ge t} w_i o_i \,\big/ \sum_{p_i \ge t} w_i",
        ),
        "coverage": Entry(
            "The share that is answered from a threshold on.",
            "None for a threshold fixed beforehand.",
            "Without the accuracy of these answers.",
            formula=r"\sum_{p_i \ge t} w_i \,\big/ \sum_i w_i",
        ),
        "coverage_at_accuracy": Entry(
            "How much can be answered where an accuracy is required: one number to compare models by.",
            "Upwards: the threshold is the best of many on these rows, most so with few.",
            "As a promise for new rows: choose the threshold with a guarantee (`select_threshold`).",
            formula=r"\max \{\mathrm{coverage}(t) : \mathrm{accuracy}(t) \ge a\}",
        ),
        "selective_cost": Entry(
            "What a threshold costs, where a wrong answer and an abstention have prices.",
            "None for a threshold fixed beforehand.",
            "With prices that nobody has agreed on.",
            formula=r"c_{\text{error}}\, P(\text{answered and wrong}) + "
            r"c_{\text{abstain}}\, P(\text{not answered})",
        ),
        "accuracy_by_threshold": Entry(
            "A table of thresholds to choose from, with what each keeps.",
            "None at each threshold; the best of them looks better than it is.",
            "To promise an accuracy: choose the threshold with a guarantee (`select_threshold`).",
            formula=r"(\mathrm{coverage}(t),\ \mathrm{accuracy}(t))_t",
        ),
        "risk_coverage_curve": Entry(
            "What each threshold buys.",
            "None at a fixed threshold; the best point of the curve looks better than it is.",
            "To promise a risk: use an interval for the chosen point.",
            formula=r"(\mathrm{coverage}(t),\ 1 - \mathrm{accuracy}(t))_t",
        ),
        "area_under_risk_coverage_curve": Entry(
            "Ranking models by how well confidence tells right from wrong, all thresholds alike.",
            "Small.",
            "To compare models of different accuracy: it mixes accuracy with ranking.",
            formula=r"\tfrac1n \sum_i \mathrm{risk}(p_i)",
        ),
        "excess_area_under_risk_coverage_curve": Entry(
            "Ranking alone: how far confidence is from the perfect order of right and wrong.",
            "Small.",
            "As the harm done, which depends on the accuracy too.",
            formula=r"\mathrm{AURC} - \big(e + (1 - e) \log(1 - e)\big)",
        ),
        "area_under_generalized_risk_coverage_curve": Entry(
            "The mean share of answered-and-wrong rows over all coverages: accuracy and ranking in one.",
            "Small.",
            "To judge the ranking alone.",
            formula=r"\int_0^1 P(\text{answered and wrong at coverage } c)\,dc",
        ),
        "answered_cost": Entry(
            "What the decisions of an abstaining classifier cost, by its own threshold.",
            NO_BIAS,
            "With prices that nobody has agreed on.",
            formula=r"c_{\text{error}}\, P(\text{answered and wrong}) + "
            r"c_{\text{abstain}}\, P(\text{not answered})",
            like="selective_cost",
        ),
        "answered_accuracy": Entry(
            "Accuracy of what an abstaining classifier answers, by its own threshold.",
            NO_BIAS,
            "Without the coverage: abstaining more makes it larger.",
            formula=r"P(\hat y = y \mid \text{answered})",
            like="selective_accuracy",
        ),
        "answered_coverage": Entry(
            "How much an abstaining classifier answers.",
            NO_BIAS,
            "Without the accuracy.",
            formula=r"P(\text{answered})",
            like="selective_accuracy",
        ),
    },
}


def render():
    """Return the page as text."""
    parts = [INTRODUCTION]
    for title, entries in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_describe(name, entry) for name, entry in entries.items()]
    return "\n".join(parts)


def _describe(name, entry):
    docstring = inspect.getdoc(getattr(metrics, name))
    like = inspect.getdoc(getattr(metrics, entry.like)) if entry.like else docstring
    formula = entry.formula or _formula(docstring) or _formula(like)
    lines = [
        f"### `{name}`\n",
        docstring.partition("\n")[0].replace("``", "`") + "\n",
        f"$$ {formula} $$\n",
        f"* **For:** {entry.purpose}",
        f"* **Bias:** {entry.bias}",
        f"* **Not:** {entry.avoid}",
    ]
    references = _references(docstring) or _references(like)
    if references:
        cited = (f"{{cite:t}}`{key}`" for key in references)
        lines.append(f"* **References:** {', '.join(cited)}")
    return "\n".join(lines) + "\n"


def _formula(docstring):
    """The first displayed formula of a docstring, on one line; None where there is none."""
    found = re.search(r"\.\. math::[ ]*(.*?)\n\n(?!    )", docstring, flags=re.S)
    return " ".join(found[1].split()) if found else None


def _references(docstring):
    """Keys of the entries of the References section."""
    section = re.search(r"\nReferences\n-+\n(.*?)(\n\n\w[^\n]*\n-+\n|$)", docstring, flags=re.S)
    if not section:
        return []
    entries = re.split(r"\.\. \[\d+\] ", section[1])[1:]
    return [BIBLIOGRAPHY["key_of"](entry, ENTRIES) for entry in entries]


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")

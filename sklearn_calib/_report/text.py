"""The report as text for a terminal, and as JSON."""

import json

import numpy as np

from sklearn_calib._core.table import CalibrationTable
from sklearn_calib._report.numbers import CONFIDENCE_LEVEL, SIGNIFICANCE
from sklearn_calib.metrics import ThresholdTable

_BAD_ROWS_SHOWN = 10
_LEVEL = f"{100 * CONFIDENCE_LEVEL:.0f} %"


def render_text(report):
    """Return the report as text."""
    sections = [
        _headline(report),
        *_bad_rows(report),
        _table(report),
        _errors(report),
        _levels(report),
        _target(report),
        *_groups(report),
        *_left_out(report),
    ]
    return "\n\n".join(sections)


def verdict(measurement):
    """One sentence on whether confidence is honest, allowing for noise."""
    m = measurement
    right = f"right in {percent(m.accuracy)} of {m.n_answers:,} answers"
    says = f"says {percent(m.confidence)} sure, is {right}"
    if m.pvalue >= SIGNIFICANCE:
        return f"{says}: no miscalibration beyond noise"
    if abs(m.gap) < m.ece / 2:
        return f"{says}: right on average, but not at each confidence"
    direction = "OVERCONFIDENT" if m.gap > 0 else "UNDERCONFIDENT"
    return f"{says}: {direction} by {100 * abs(m.gap):.1f} points"


def percent(share):
    """Show a share as percent with one decimal."""
    return f"{100 * share:.1f} %"


def interval(limits, digits=3):
    """Show an interval."""
    return f"{limits[0]:.{digits}f} - {limits[1]:.{digits}f}"


def pvalue(value):
    """Show a p-value with three decimals."""
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def target_sentences(report):
    """What to do for the required accuracy, as sentences."""
    target = report.target
    wanted, share = percent(target.accuracy), target.answered
    if not target.reached:
        return [
            f"{wanted} is not reached at any confidence.",
            f"The best there is: {percent(share.accuracy)} ({_share_interval(share)}) "
            f"from confidence {share.threshold:g} on, {percent(share.coverage)} of the answers.",
            *_promise(target),
        ]
    sentences = [
        f"To be right in at least {wanted} of the answers given, answer from confidence "
        f"{share.threshold:g} on.",
        f"That answers {percent(share.coverage)} of the questions, and "
        f"{percent(share.accuracy)} ({_share_interval(share)}) of them right.",
    ]
    if target.held_out is None and report.engine is None:
        sentences.append("Too few rows to check it on held-out ones.")
    elif target.held_out is not None:
        sentences.append(
            f"Chosen without the rows it is judged on ({report.n_folds} folds): "
            f"{percent(target.held_out.coverage)} answered, {percent(target.held_out.accuracy)} right."
        )
    return [*sentences, *_promise(target)]


def _promise(target):
    """What holds for further questions too."""
    if not target.tested:
        return []
    if target.certified is not None:
        share = target.certified
        return [
            f"Certified for further questions of the same kind, with probability {_LEVEL}:",
            f"at least {percent(target.accuracy)} right {_certified_range(share)}, "
            f"{percent(share.coverage)} answered.",
        ]
    sentences = [f"For further questions it cannot be certified with probability {_LEVEL}."]
    if target.best_certified is not None:
        sentences.append(
            f"The largest accuracy that can be certified is about {percent(target.best_certified)}."
        )
    return sentences


def _certified_range(share):
    """Where a certified threshold answers, in the words of the policy and in those of the rows."""
    if share.above is None:
        return "at any confidence"
    return f"above confidence {share.above:g} (here: from {share.threshold:g} on)"


def left_out_sentences(report):
    """What a report by an engine does not hold."""
    if report.engine is None:
        return []
    return [
        f"Computed by {report.engine}, without taking the rows out of it. What needs them is left out "
        "(leave out --engine to see it):",
        *report.left_out,
    ]


def _left_out(report):
    lines = left_out_sentences(report)
    return ["\n  ".join(lines)] if lines else []


def _headline(report):
    return f"{report.title}\n{verdict(report.stated)}"


def _bad_rows(report):
    if not report.n_bad:
        return []
    shown = report.problems[:_BAD_ROWS_SHOWN]
    hidden = len(report.problems) - len(shown)
    more = [f"... and {hidden} more"] if hidden else []
    total = report.n_bad + report.stated.n_answers
    lines = [f"{report.n_bad:,} of {total:,} rows could not be used:", *shown, *more]
    return ["\n  ".join(lines)]


def _table(report):
    return f"Stated confidence against accuracy\n{report.stated.table}"


def _errors(report):
    header = (
        f"{'':<24} {'ECE':>6}   {_LEVEL + ' interval':<15} {'p-value':>8} {'Brier':>6} {'log loss':>9} "
        f"{'confidence':>11}"
    )
    rows = [("as stated", report.stated)]
    rows += [(f"after {name}", m) for name, m in report.calibrated.items()]
    lines = [
        f"{name:<24} {m.ece:>6.3f}   {interval(m.ece_interval):<15} {pvalue(m.pvalue):>8} "
        f"{m.brier:>6.3f} {m.log_loss:>9.3f} {percent(m.confidence):>11}"
        for name, m in rows
    ]
    over, under = report.stated.overconfidence, report.stated.underconfidence
    lines += [
        "",
        f"Of the stated error, {over:.3f} is overconfidence and {under:.3f} underconfidence. The",
        "interval is for the error at these bins; the p-value says how often noise alone looks as bad.",
        *calibrators_sentence(report),
        temperature_sentence(report),
        *(f"Note: {note}" for note in report.notes),
    ]
    return "\n".join(["Calibration error, and after calibration", header, *lines])


def calibrators_sentence(report):
    """How calibrators are judged; nothing without them."""
    if not report.calibrated:
        return []
    return [f"Calibrators are judged on held-out rows ({report.n_folds} folds)."]


def temperature_sentence(report):
    """What one temperature is, and what it cannot do."""
    return (
        f"One temperature (T = {report.temperature:.3g}) moves all confidences towards 50 % or away from "
        "it, never across."
    )


def _levels(report):
    return f"How often it is right when it says so\n{report.levels}"


def _share_interval(share):
    low, high = share.interval
    return f"{100 * low:.1f} - {100 * high:.1f} %"


def _target(report):
    return "\n".join(["Answer or not", *target_sentences(report)])


def _groups(report):
    if not report.groups:
        return []
    width = max(24, *(len(name) for name in report.groups))
    header = (
        f"{report.by:<{width}} {'answers':>8} {'says':>8} {'right':>8} {'gap':>7} {'ECE':>6}   "
        f"{_LEVEL} interval"
    )
    lines = [
        f"{name:<{width}} {m.n_answers:>8,} {percent(m.confidence):>8} {percent(m.accuracy):>8} "
        f"{100 * m.gap:>+7.1f} {m.ece:>6.3f}   {interval(m.ece_interval)}"
        for name, m in report.groups.items()
    ]
    return ["\n".join([f"By {report.by}, largest gap first", header, *lines])]


def render_json(report):
    """Return the report as JSON."""
    return json.dumps(_plain(report), indent=2, allow_nan=False)


def _plain(value):
    """Numbers, strings, lists and dicts from named tuples, arrays and tables."""
    if isinstance(value, (CalibrationTable, ThresholdTable)):
        return _plain(value.to_dict())
    if isinstance(value, np.ndarray):
        return value.tolist()
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value

"""``monitor``: is confidence still honest, and has it changed since a reference?"""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np

from sklearn_calib._commands.answers import add_file_arguments, command_words, read_answers
from sklearn_calib._validation import check_number
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS
from sklearn_calib.monitoring import CalibrationMonitor, confidence_shift_test

NAME = "monitor"
HELP = "is the confidence in a file of answers still honest? exit code 3 on an alarm"
DESCRIPTION = (
    "Watch the answers of a file in the order of time. Without --reference: are they calibrated? With "
    "it: have they changed since those of the reference? An alarm that has no cause is ever raised with "
    "probability ALPHA at most, however often the command is run with --state. The exit code is 3 on an "
    "alarm, 0 without, 2 where the input cannot be used."
)
ALARM_CODE = 3
# Wide bins: the uncertainty of the reference is shared by all of them.
_REFERENCE_BINS = 5
_PROGRESS_ROWS = 200_000
_MISSING = "(missing)"


def add_arguments(parser):
    """Add the arguments of the command."""
    add_file_arguments(parser)
    add, told = parser.add_argument, "default: %(default)s"
    add(
        "--time",
        metavar="COLUMN",
        help="order of the rows: numbers or ISO dates; default: as they are",
    )
    add("--reference", metavar="FILE", help="answers of the period to compare with, same columns")
    add("--by", metavar="COLUMN", help="watch each value of this column too")
    add("--alpha", type=float, default=0.05, help=told)
    add("--tolerance", type=float, default=0.0, help="gap that is no reason for an alarm; " + told)
    told_length = (
        "bound the average number of rows until a false alarm instead; finds late changes sooner"
    )
    add("--average-run-length", type=float, metavar="ROWS", help=told_length)
    add("--bins", type=int, default=DEFAULT_N_BINS, metavar="N", help=told)
    add(
        "--target-accuracy", type=float, metavar="A", help="recommend the threshold that reaches it"
    )
    add(
        "--state",
        metavar="FILE",
        help="JSON of the monitor: go on from it if it exists, then write it",
    )
    add("--plot", metavar="OUT", help="draw gaps and evidence as well (needs matplotlib)")
    add("--json", action="store_true", help="print JSON instead of text")


def run(options):
    """Print the state of the monitor; return the exit code."""
    if options.target_accuracy is not None:
        check_number(options.target_accuracy, "--target-accuracy", low=0, high=1, low_open=True)
    records, title = _read(options, options.file)
    reference = None
    if options.reference is not None:
        reference = _table(options, _read(options, options.reference)[0])
    monitor = _monitor(options, reference)
    _watch(monitor, records, options)
    if options.plot is not None:
        _draw(monitor, options.plot, title)
    if options.state is not None:
        monitor.save(options.state)
    report = monitor.report(target_accuracy=options.target_accuracy)
    if options.json:
        print(json.dumps(_finite(dataclasses.asdict(report)), indent=2))
    else:
        print(_text(title, records, report, reference))
    return ALARM_CODE if report.alarm else 0


def _read(options, file):
    """Records of a file in the order of time, and its title."""
    columns = [name for name in (options.time, options.by) if name is not None]
    named = argparse.Namespace(**{**vars(options), "file": file})
    records, title = read_answers(named, tuple(dict.fromkeys(columns)))
    if options.time is not None:
        time = _times(records.columns[options.time], options.time)
        order = np.argsort(time, kind="stable")
        records = dataclasses.replace(
            records,
            confidence=records.confidence[order],
            correct=records.correct[order],
            columns={name: values[order] for name, values in records.columns.items()},
        )
    return records, title


def _times(values, name):
    """Values of the time column as numbers, or else as text."""
    missing = sum(value is None for value in values)
    if missing:
        raise ValueError(f"--time {name}: {missing} rows have none.")
    try:
        return np.array([float(value) for value in values])
    except (TypeError, ValueError):
        return np.array([str(value) for value in values])


def _rows(records, options):
    """Keywords of `update` for all rows."""
    given = {"outcome": records.correct, "confidence": records.confidence}
    if options.time is not None:
        given["time"] = np.array([str(value) for value in records.columns[options.time]])
    if options.by is not None:
        given["groups"] = np.array(
            [_MISSING if value is None else str(value) for value in records.columns[options.by]]
        )
    return given


def _table(options, records):
    """Table of the reference, by group if there are groups."""
    monitor = CalibrationMonitor(n_bins=_REFERENCE_BINS).update(**_rows(records, options))
    return monitor.table(by_group=options.by is not None)


def _monitor(options, reference):
    """New monitor, or the one of the state file."""
    new = CalibrationMonitor(
        options.alpha,
        tolerance=options.tolerance,
        n_bins=options.bins,
        reference=reference,
        average_run_length=options.average_run_length,
    )
    if options.state is None or not Path(options.state).exists():
        return new
    monitor = CalibrationMonitor.load(options.state)
    if monitor.to_dict()["parameters"] != new.to_dict()["parameters"]:
        raise ValueError(
            f"{options.state} is the state of a monitor with other options or reference."
        )
    return monitor


def _watch(monitor, records, options):
    """Feed the rows; tell a waiting person how far it is."""
    rows, n = _rows(records, options), len(records)
    for start in range(0, n, _PROGRESS_ROWS):
        stop = start + _PROGRESS_ROWS
        monitor.update(**{name: values[start:stop] for name, values in rows.items()})
        if n > _PROGRESS_ROWS and sys.stderr.isatty():
            print(f"\r{min(stop, n) / n:.0%} of {n} rows", end="", file=sys.stderr, flush=True)
    if n > _PROGRESS_ROWS and sys.stderr.isatty():
        print(file=sys.stderr)


def _draw(monitor, out, title):
    from sklearn_calib.display import CalibrationOverTimeDisplay, EvidenceDisplay
    from sklearn_calib.display._base import import_pyplot

    figure, (above, below) = import_pyplot().subplots(2, figsize=(7, 7), layout="constrained")
    CalibrationOverTimeDisplay.from_monitor(monitor, ax=above)
    EvidenceDisplay.from_monitor(monitor, ax=below)
    above.set_title(title)
    figure.savefig(out)


def _text(title, records, report, reference):
    asked = "calibrated?" if reference is None else "changed since the reference?"
    lines = [f"{title}: {asked}", str(report)]
    if records.bad:
        lines.append(command_words(records.problem_summary()))
    if reference is not None and reference.group is None:
        shift = confidence_shift_test(reference, records.confidence)
        lines.append(
            f"confidences, whatever the outcomes: {shift.distance:.1%} moved to other bins than in the "
            f"reference (p = {shift.pvalue:.2g}), {shift.outside:.1%} where it has none"
        )
    return "\n".join(lines)


def _finite(value):
    """Replace what JSON cannot hold by the largest float."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return min(value, sys.float_info.max) if isinstance(value, float) else value

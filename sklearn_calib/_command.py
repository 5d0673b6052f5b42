"""The command line, ``python -m sklearn_calib`` or ``sklearn-calib``."""

import argparse
import os
import sys
import warnings
from pathlib import Path

import numpy as np

from sklearn_calib import __version__
from sklearn_calib._records import Records, read_records
from sklearn_calib._report.numbers import CALIBRATORS, make_report
from sklearn_calib._report.text import render_json, render_text
from sklearn_calib._validation import check_number
from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS

# Reached by the bundled records, and a common requirement for drafts that a person still reads.
_DEFAULT_TARGET = 0.8


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        Arguments after the program's name; None takes those of the process.

    Returns
    -------
    code : int
        0 on success, 2 where the input cannot be used (told on standard error).
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except BrokenPipeError:  # the reader of a pipe has seen enough, and Python must not flush to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ImportError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="sklearn-calib", description="Honest confidence for classifiers and LLM answers."
    )
    parser.add_argument("--version", action="version", version=f"sklearn_calib {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report = commands.add_parser(
        "report",
        help="is the confidence in a file of answers honest, and from which threshold on to trust it?",
        description="Measure stated confidence against correctness, calibrate it on held-out rows, and "
        "find the confidence from which a required accuracy is met.",
    )
    report.set_defaults(run=_run_report)
    add = report.add_argument
    add(
        "file", nargs="?", metavar="FILE", help="JSONL, CSV or Parquet; without it, bundled records"
    )
    add("--confidence", default="confidence", metavar="COLUMN", help="default: %(default)s")
    add(
        "--correct",
        default="correct",
        metavar="COLUMN",
        help="true/false, 0/1 or a quality in [0, 1]",
    )
    add("--by", metavar="COLUMN", help="measure each value of this column too")
    add(
        "--target-accuracy",
        type=float,
        default=_DEFAULT_TARGET,
        metavar="A",
        help="default: %(default)s",
    )
    add(
        "--bins",
        default=DEFAULT_N_BINS,
        type=_bins,
        metavar="N",
        help="a number or cube_root; default: %(default)s",
    )
    add("--calibrator", choices=CALIBRATORS, default=CALIBRATORS[0], help="default: %(default)s")
    add("--percent", action="store_true", help='confidences are percent: "95%%" or 95')
    add("--html", metavar="OUT", help="write a page with pictures as well (needs matplotlib)")
    add("--json", action="store_true", help="print JSON instead of text")
    return parser


def _bins(text):
    return text if text == "cube_root" else int(text)


def _run_report(options):
    check_number(options.target_accuracy, "--target-accuracy", low=0, high=1, low_open=True)
    records, title = _bundled_records() if options.file is None else _read(options)
    if options.by is not None and options.by not in records.columns:
        raise ValueError(
            f"--by must be one of the columns {sorted(records.columns)}; got {options.by!r}."
        )
    report = make_report(
        records,
        title=title,
        target_accuracy=options.target_accuracy,
        n_bins=options.bins,
        calibrator=options.calibrator,
        by=options.by,
    )
    told = [problem.replace("percent=True", "--percent") for problem in report.problems]
    report = report._replace(problems=told)
    if options.html is not None:
        from sklearn_calib._report.html import render_html

        Path(options.html).write_text(render_html(report, records), encoding="utf-8")
    print(render_json(report) if options.json else render_text(report))


def _bundled_records():
    bunch = load_mmlu_pro_confidence(model="gpt-4o")
    records = Records(
        confidence=bunch.data[:, 0],
        correct=bunch.target.astype(float),
        line=np.arange(1, bunch.target.size + 1),
        columns={"subject": bunch.subject},
        bad=(),
    )
    return records, "gpt-4o on MMLU-Pro (bundled records)"


def _read(options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        records = read_records(
            options.file,
            confidence=options.confidence,
            correct=options.correct,
            columns=() if options.by is None else (options.by,),
            percent=options.percent,
        )
    for warning in caught:
        if str(warning.message) != records.problem_summary():  # bad rows are told by the report
            print(f"warning: {warning.message}", file=sys.stderr)
    return records, Path(options.file).name

"""``report``: is the confidence in a file of answers honest, and from where on to trust it?"""

from pathlib import Path

import numpy as np

from sklearn_calib._commands.answers import (
    Progress,
    add_file_arguments,
    command_words,
    engine_problems,
    read_answers,
)
from sklearn_calib._core.risk_coverage import risk_coverage
from sklearn_calib._records import Records
from sklearn_calib._report.numbers import CALIBRATORS, make_report
from sklearn_calib._report.text import render_json, render_text
from sklearn_calib._validation import check_number
from sklearn_calib.datasets import load_mmlu_pro_confidence
from sklearn_calib.frames._scan_file import ENGINES, scan_file
from sklearn_calib.metrics._calibration_table import DEFAULT_N_BINS

NAME = "report"
HELP = "is the confidence in a file of answers honest, and from which threshold on to trust it?"
DESCRIPTION = (
    "Measure stated confidence against correctness, calibrate it on held-out rows, and find the "
    "confidence from which a required accuracy is met."
)
MEMORY = "memory"  # the engine that has all rows, and leaves nothing out
# Reached by the bundled records, and a common requirement for drafts that a person still reads.
_DEFAULT_TARGET = 0.8


def add_arguments(parser):
    """Add the arguments of the command."""
    add_file_arguments(parser, optional_file=True)
    add = parser.add_argument
    add("--by", metavar="COLUMN", help="measure each value of this column too")
    told = "default: %(default)s"
    add("--target-accuracy", type=float, default=_DEFAULT_TARGET, metavar="A", help=told)
    told = "a number or cube_root; default: %(default)s"
    add("--bins", default=DEFAULT_N_BINS, type=_bins, metavar="N", help=told)
    told = (
        "compute where the rows are, without reading them into memory: JSONL, CSV or Parquet, patterns "
        "such as 'logs/*.parquet' too; what needs the rows is left out; default: %(default)s"
    )
    add("--engine", choices=(MEMORY, *ENGINES), default=MEMORY, help=told)
    add("--calibrator", choices=CALIBRATORS, default=CALIBRATORS[0], help="default: %(default)s")
    add("--html", metavar="OUT", help="write a page with pictures as well (needs matplotlib)")
    add("--json", action="store_true", help="print JSON instead of text")


def _bins(text):
    return text if text == "cube_root" else int(text)


def run(options):
    """Print the report, and write it as a page."""
    check_number(options.target_accuracy, "--target-accuracy", low=0, high=1, low_open=True)
    report, curve = (_of_records if options.engine == MEMORY else _of_engine)(options)
    report = report._replace(problems=[command_words(problem) for problem in report.problems])
    if options.html is not None:
        from sklearn_calib._report.html import render_html

        Path(options.html).write_text(render_html(report, curve), encoding="utf-8")
    print(render_json(report) if options.json else render_text(report))


def _of_records(options):
    """Report of the rows in memory, and their risk-coverage curve."""
    records, title = _read(options)
    report = make_report(
        records,
        title=title,
        target_accuracy=options.target_accuracy,
        n_bins=options.bins,
        calibrator=options.calibrator,
        by=options.by,
    )
    return report, risk_coverage(records.confidence, records.correct)


def _of_engine(options):
    """The same, by the engine that the options name."""
    from sklearn_calib._report.engine import make_engine_report

    if options.file is None:
        raise ValueError("--engine needs a FILE: the bundled records are in memory.")
    with Progress() as progress, engine_problems(options.engine, options.file):
        return make_engine_report(
            scan_file(options.file, options.engine),
            columns=(options.confidence, options.correct),
            title=Path(options.file).name,
            engine=options.engine,
            target_accuracy=options.target_accuracy,
            n_bins=options.bins,
            by=options.by,
            percent=options.percent,
            tell=progress.tell,
        )


def _read(options):
    if options.file is None:
        records, title = _bundled_records()
    else:
        records, title = read_answers(options, () if options.by is None else (options.by,))
    if options.by is not None and options.by not in records.columns:
        raise ValueError(
            f"--by must be one of the columns {sorted(records.columns)}; got {options.by!r}."
        )
    return records, title


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

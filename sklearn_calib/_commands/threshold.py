"""``threshold``: learn a policy from answered questions, with a promise, and write it to a file."""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np

from sklearn_calib._commands.answers import add_file_arguments, command_words, read_answers
from sklearn_calib._policy import Policy, plain_calibrator
from sklearn_calib._report.numbers import CALIBRATORS, fit_on_records, make_calibrator
from sklearn_calib._validation import check_number
from sklearn_calib.selective import select_threshold, select_tiers
from sklearn_calib.selective._selected_tiers import describe_tiers

NAME = "threshold"
HELP = "learn from which confidence on to answer, with a promise, and write it to a file"
DESCRIPTION = (
    "Find the confidence from which on the required accuracy can be promised for further answers, and "
    "write it, with what a stated confidence is worth, as a policy that the command route applies. The "
    "exit code is 3 if nothing could be promised (the policy is written and answers nothing), 0 if "
    "something could, 2 where the input cannot be used."
)
NOTHING_CERTIFIED_CODE = 3


def add_arguments(parser):
    """Add the arguments of the command."""
    add_file_arguments(parser)
    add = parser.add_argument
    aim = parser.add_mutually_exclusive_group(required=True)
    told = "accuracy that the answers given must have, in (0, 1)"
    aim.add_argument("--target-accuracy", type=float, metavar="A", help=told)
    told = (
        "an action and its accuracy, such as flag=0.85; again for each tier, from the surest down"
    )
    aim.add_argument("--tier", action="append", type=_tier, metavar="ACTION=A", help=told)
    told = 'action for the rest; default: "abstain", with --tier "defer"'
    add("--otherwise", metavar="ACTION", help=told)
    told = "probability of the promise; default: %(default)s"
    add("--confidence-level", type=float, default=0.95, metavar="L", help=told)
    told = "what says what a stated confidence is worth; default: %(default)s"
    add("--calibrator", choices=(*CALIBRATORS, "none"), default=CALIBRATORS[0], help=told)
    add("--out", metavar="POLICY", help="file to write; without it, the policy is only shown")


def _tier(text):
    action, _, accuracy = text.rpartition("=")
    try:
        return action, float(accuracy)
    except ValueError:
        told = f"{text!r} is not an action and its accuracy, such as flag=0.85"
        raise argparse.ArgumentTypeError(told) from None


def run(options):
    """Learn the policy, show it, write it; return the exit code."""
    level = options.confidence_level
    check_number(level, "--confidence-level", low=0, high=1, low_open=True, high_open=True)
    records, title = read_answers(options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        selected = _select(options, records)
        calibrator = _calibrator(options.calibrator, records)
    policy = Policy.from_tiers(selected, calibrator)
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    if records.bad:
        print(f"warning: {command_words(records.problem_summary())}", file=sys.stderr)
    print(f"{title}\n\n{selected}\n\n{selected.guarantee}")
    if options.out is not None:
        Path(options.out).write_text(policy.to_json(), encoding="utf-8")
        print(f"\nWritten to {options.out}.")
    return 0 if any(tier.certified for tier in policy.tiers) else NOTHING_CERTIFIED_CODE


def _select(options, records):
    level = options.confidence_level
    if options.tier is not None:
        otherwise = "defer" if options.otherwise is None else options.otherwise
        return select_tiers(
            records.correct,
            records.confidence,
            tiers=options.tier,
            otherwise=otherwise,
            confidence_level=level,
        )
    target = options.target_accuracy
    check_number(target, "--target-accuracy", low=0, high=1, low_open=True, high_open=True)
    selected = select_threshold(
        records.correct, records.confidence, target_accuracy=target, confidence_level=level
    )
    otherwise = "abstain" if options.otherwise is None else options.otherwise
    return describe_tiers(
        [("answer", target)],
        otherwise,
        [(selected.threshold, np.inf, selected.certified)],
        records.confidence,
        records.correct,
        None,
        level,
    )


def _calibrator(name, records):
    if name == "none":
        return None
    fitted = fit_on_records(make_calibrator(name), records.confidence, records.correct)
    return plain_calibrator(fitted)

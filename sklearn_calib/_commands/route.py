"""``route``: apply a policy to a file of answers, of which nobody knows yet whether they are right."""

import json
import sys
from pathlib import Path

import numpy as np

from sklearn_calib._commands.answers import add_file_arguments, command_words, read_answers
from sklearn_calib._policy import Policy

NAME = "route"
HELP = "apply a policy to a file of answers: what to do with each"
DESCRIPTION = (
    "Say for each answer of a file which action its confidence leads to, and with which probability it "
    "is right, as lines of JSON. Rows whose confidence cannot be read take the policy's last action, and "
    "keep the columns that can be read."
)


def add_arguments(parser):
    """Add the arguments of the command."""
    add_file_arguments(parser, correct=False)
    add = parser.add_argument
    add("--policy", required=True, metavar="POLICY", help="file that the command threshold wrote")
    told = "carry this column along, such as a key of the question; again for more"
    add("--keep", action="append", default=[], metavar="COLUMN", help=told)
    add("--out", metavar="OUT", help="file to write; without it, lines go to standard output")


def run(options):
    """Write one line per row, and a summary to standard error."""
    policy = _read_policy(options.policy)
    answers, _ = read_answers(options, options.keep)
    lines = _lines(policy, answers)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if options.out is None:
        print(text, end="")
    else:
        Path(options.out).write_text(text, encoding="utf-8")
    print(_summary(policy, lines), file=sys.stderr)


def _read_policy(path):
    text = Path(path).read_text(encoding="utf-8")
    try:
        return Policy.from_json(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _lines(policy, answers):
    """One dict per row, in the order of the file."""
    unit = answers.line_unit
    lines = [
        {
            unit: bad.line,
            **columns,
            "action": policy.otherwise,
            "problem": command_words(bad.reason),
        }
        for bad, columns in zip(
            answers.bad, _rows(answers.bad_columns, len(answers.bad)), strict=True
        )
    ]
    if len(answers.confidence):
        lines += [
            {
                unit: line,
                **columns,
                "action": action,
                "confidence": stated,
                "probability": probability,
            }
            for line, columns, action, stated, probability in zip(
                answers.line.tolist(),
                _rows(answers.columns, len(answers)),
                policy.route(answers.confidence).tolist(),
                answers.confidence.tolist(),
                np.round(policy.calibrate(answers.confidence), 6).tolist(),
                strict=True,
            )
        ]
    return sorted(lines, key=lambda line: line[unit])


def _rows(columns, n):
    """Columns as one dict per row."""
    return [{name: values[i] for name, values in columns.items()} for i in range(n)]


def _summary(policy, lines):
    actions = [*(tier.action for tier in policy.tiers), policy.otherwise]
    counts = {action: sum(line["action"] == action for line in lines) for action in actions}
    told = [f"{action}: {n:,} ({100 * n / len(lines):.1f} %)" for action, n in counts.items()]
    n_bad = sum("problem" in line for line in lines)
    if n_bad:
        told.append(f"of which {n_bad:,} could not be read")
    return ", ".join(told)

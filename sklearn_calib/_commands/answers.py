"""Arguments that name a file of answers, and reading it: shared by the commands."""

import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

from sklearn_calib._records import read_records
from sklearn_calib.frames._scan_file import first_words


def add_file_arguments(parser, *, optional_file=False, correct=True):
    """Add FILE, --confidence, --correct and --percent; the first and third only if wanted."""
    told = "JSONL, CSV or Parquet" + ("; without it, bundled records" if optional_file else "")
    parser.add_argument("file", nargs="?" if optional_file else None, metavar="FILE", help=told)
    add = parser.add_argument
    add("--confidence", default="confidence", metavar="COLUMN", help="default: %(default)s")
    if correct:
        told = "true/false, 0/1 or a quality in [0, 1]; default: %(default)s"
        add("--correct", default="correct", metavar="COLUMN", help=told)
    add("--percent", action="store_true", help='confidences are percent: "95%%" or 95')


def read_answers(options, columns=()):
    """Read the file that the options name; return the records and a title."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        records = read_records(
            options.file,
            confidence=options.confidence,
            correct=getattr(options, "correct", None),
            columns=columns,
            percent=options.percent,
        )
    bad_rows = records.problem_summary()  # each command tells of them in its own way
    for message in (str(warning.message) for warning in caught):
        if message != bad_rows:
            print(f"warning: {command_words(message)}", file=sys.stderr)
    return records, Path(options.file).name


def command_words(problem):
    """A sentence about a parameter of Python, in the words of the command line."""
    problem = problem.replace("leave percent=False", "leave out --percent")
    return problem.replace("percent=True", "--percent")


class Progress:
    """Tell a waiting person, on a terminal only, what is being done; the line is cleared at the end."""

    def __enter__(self):
        self._shown = 0
        return self

    def tell(self, doing):
        """Show what is done now."""
        if sys.stderr.isatty():
            print(f"\r{doing} ...".ljust(self._shown), end="", file=sys.stderr, flush=True)
            self._shown = len(doing) + 5

    def __exit__(self, *error):
        if self._shown:
            print("\r" + " " * self._shown, end="\r", file=sys.stderr, flush=True)


@contextmanager
def engine_problems(engine, file):
    """Tell in one line what an engine says about a file that it cannot read or compute with."""
    try:
        yield
    except (ImportError, OSError, ValueError):
        raise
    except Exception as error:
        if type(error).__module__ == "builtins":  # none of the engine's own
            raise
        raise ValueError(f"{engine} cannot compute with {file}: {first_words(error)}") from error

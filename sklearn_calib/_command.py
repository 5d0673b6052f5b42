"""The command line, ``python -m sklearn_calib`` or ``sklearn-calib``."""

import argparse
import os
import sys

from sklearn_calib import __version__
from sklearn_calib._commands import COMMANDS
from sklearn_calib._commands.answers import command_words


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        Arguments after the program's name; None takes those of the process.

    Returns
    -------
    code : int
        0 on success, 2 where the input cannot be used (told on standard error); what else a command
        returns, its help tells.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except BrokenPipeError:  # the reader of a pipe has seen enough, and Python must not flush to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ImportError, OSError, ValueError) as error:
        print(f"error: {command_words(_sentence(error))}", file=sys.stderr)
        return 2
    return 0


def _sentence(error):
    """What went wrong, without the number of the operating system."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {error.filename}"
    return str(error)


def _parser():
    parser = argparse.ArgumentParser(
        prog="sklearn-calib", description="Honest confidence for classifiers and LLM answers."
    )
    parser.add_argument("--version", action="version", version=f"sklearn_calib {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.NAME, help=command.HELP, description=command.DESCRIPTION
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser

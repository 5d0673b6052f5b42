"""The commands of ``python -m sklearn_calib``, one module each.

To add one, write ``_commands/<name>.py`` and name the module in `COMMANDS` below. It holds

* ``NAME``, ``HELP`` (a line in the list of commands) and ``DESCRIPTION`` (above its own ``--help``);
* ``add_arguments(parser)``, which adds its arguments; those that read a file of answers come from
  `_commands.answers`, so that ``--confidence``, ``--correct`` and ``--percent`` mean the same everywhere;
* ``run(options)``, which prints to standard output. What the user can mend is raised as a ValueError,
  ImportError or OSError: `main` prints it as one line on standard error and returns 2. It returns the
  exit code, or None for 0.

Its tests are ``tests/commands/test_<name>.py`` and call ``main(["<name>", ...])``. Imports of optional
packages stay inside `run`.
"""

from sklearn_calib._commands import monitor, report, route, threshold

COMMANDS = (report, threshold, route, monitor)

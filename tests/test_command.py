"""The command line as a whole; each command has its own tests in ``commands/``."""

import json
import subprocess
import sys

import pytest

from sklearn_calib import __version__
from sklearn_calib._command import main
from sklearn_calib._commands import COMMANDS


def test_every_command_tells_its_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    overview = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n    {command.NAME}" in overview
        assert command.__doc__.startswith(f"``{command.NAME}``")
        with pytest.raises(SystemExit) as stop:
            main([command.NAME, "--help"])
        assert stop.value.code == 0
        described = " ".join(capsys.readouterr().out.split())
        assert command.DESCRIPTION in described


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"sklearn_calib {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["no-such-command"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_module_runs_as_a_program():
    command = [sys.executable, "-W", "error", "-m", "sklearn_calib", "report", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout)["stated"]["n_answers"] == 12003
    assert result.stderr == ""

"""A monitor as JSON: every float as its shortest decimal, so that it comes back to the last bit."""

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from sklearn_calib._core.betting import BETS
from sklearn_calib._core.table import SUMS, CalibrationTable
from sklearn_calib.monitoring._periods import MAX_PERIODS, PERIOD_LISTS
from sklearn_calib.monitoring._rows import plain

FORMAT = "sklearn_calib.CalibrationMonitor"
VERSION = 1
_PARAMETERS = ("alpha", "tolerance", "n_bins", "average_run_length", "kind")
_WEALTH = ("log_product", "log_starts", "low", "low_row", "n_rows")
_EVIDENCE = ("peak", "alarm_row", "alarm_bet", "onset_row")


def save_state(monitor):
    """Return parameters and state of a monitor as JSON knows them."""
    evidence, periods = monitor._evidence, monitor._periods
    parameters = {name: plain(getattr(monitor, name)) for name in _PARAMETERS}
    labels = monitor.labels
    parameters["labels"] = None if labels is None else [plain(label) for label in labels]
    parameters["pos_label"] = plain(monitor.pos_label)
    parameters["reference"] = _table_to_dict(monitor.reference)
    return {
        "format": FORMAT,
        "version": VERSION,
        "parameters": parameters,
        "bets": BETS.tolist(),
        "wealth": {name: _to_list(getattr(evidence.wealth, name)) for name in _WEALTH},
        "evidence": {name: _to_list(getattr(evidence, name)) for name in _EVIDENCE},
        "alarm_times": [[part, time] for part, time in sorted(monitor._alarm_times.items())],
        "groups": list(monitor.groups),
        "group_sums": monitor._group_sums.tolist(),
        "periods": {
            "length": periods.length,
            "sums": periods.sums[:, : len(periods)].tolist(),
            **{name: list(getattr(periods, name)) for name in PERIOD_LISTS},
        },
    }


def load_state(cls, state):
    """Return the monitor of a state, or raise a `ValueError` that says what is wrong with it."""
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError("This is not the state of a CalibrationMonitor.")
    if state.get("version") != VERSION or state.get("bets") != BETS.tolist():
        raise ValueError(
            f"This state of a CalibrationMonitor is of version {state.get('version')!r}; this is version "
            f"{VERSION}."
        )
    try:
        parameters = dict(state["parameters"])
        parameters["reference"] = _table_from_dict(parameters["reference"])
        monitor = cls(**parameters)
        _restore(monitor, state)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ValueError(
            f"The state of a CalibrationMonitor is damaged: {type(error).__name__}: {error}"
        ) from error
    return monitor


def _restore(monitor, state):
    """Fill a new monitor; every array must have the shape that the parameters give it."""
    groups, n_bins = state["groups"], monitor.n_bins
    evidence, periods = monitor._evidence, monitor._periods
    evidence.grow(len(groups))
    for name in _WEALTH:
        setattr(evidence.wealth, name, _like(getattr(evidence.wealth, name), state["wealth"], name))
    for name in _EVIDENCE:
        setattr(evidence, name, _like(getattr(evidence, name), state["evidence"], name))
    monitor._codes = {name: code for code, name in enumerate(groups)}
    monitor._group_sums = _like(np.zeros((len(SUMS), len(groups), n_bins)), state, "group_sums")
    monitor._alarm_times = {int(part): time for part, time in state["alarm_times"]}
    stored = state["periods"]
    n_periods = len(stored["size"])
    if n_periods > MAX_PERIODS:
        raise ValueError(f"{n_periods} periods")
    periods.length = int(stored["length"])
    for name in PERIOD_LISTS:
        if len(stored[name]) != n_periods:
            raise ValueError(f"{name} has {len(stored[name])} entries for {n_periods} periods")
        setattr(periods, name, list(stored[name]))
    periods.sums[:, :n_periods] = _like(periods.sums[:, :n_periods], stored, "sums")
    if sum(periods.size) != monitor.n_rows:
        raise ValueError(f"periods of {sum(periods.size)} rows in a stream of {monitor.n_rows}")


def write_json(path, state):
    """Write the state beside the path, then put it in place."""
    path = Path(path)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(state, allow_nan=False), encoding="utf-8")
    os.replace(beside, path)


def read_json(path):
    """Return the content of a JSON file; what is wrong with it names the file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not complete JSON: {error}") from error


def _to_list(array):
    """Nested list in which None stands for minus infinity, which JSON lacks."""
    values = array.astype(object)
    values[np.isneginf(array)] = None
    return values.tolist()


def _like(array, values, name):
    """Array of the shape and type of another, from the lists of `_to_list`."""
    read = np.array(values[name], dtype=object)
    if read.shape != array.shape and not read.size == array.size == 0:
        raise ValueError(f"{name} has shape {read.shape} instead of {array.shape}")
    read = read.reshape(array.shape)
    read[read == np.array(None)] = -np.inf
    return read.astype(array.dtype)


def _table_to_dict(table):
    if table is None:
        return None
    columns = {field.name: getattr(table, field.name) for field in fields(table)}
    return {name: None if x is None else list(map(plain, x)) for name, x in columns.items()}


def _table_from_dict(columns):
    if columns is None:
        return None
    arrays: dict[str, Any] = {k: None if x is None else np.array(x) for k, x in columns.items()}
    return CalibrationTable(**arrays)

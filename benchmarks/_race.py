"""What the comparisons share: peers that may be missing, candidates that take turns, physical limits.

With OMP_NUM_THREADS=1 times are those of the processor, which other processes hardly disturb; else they
are those of the clock on the wall.
"""

import importlib
import os
import signal
import statistics
import time
import warnings
from contextlib import contextmanager

import numpy as np

CLOCK = time.process_time if os.environ.get("OMP_NUM_THREADS") == "1" else time.perf_counter
ROUNDS = 7
SECONDS_PER_TURN = 0.03
SECONDS_PER_CANDIDATE = (
    12  # a slower candidate has fewer turns, a single one if it takes all of them
)
BLOCK = 1 << 16  # elements that stay in the second-level cache


def peer(name):
    """A module, or None where it is missing; numpy's error state, which some packages set, is kept."""
    with np.errstate(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def seconds(call, times=1):
    """Mean time of a call."""
    start = CLOCK()
    for _ in range(times):
        call()
    return max(CLOCK() - start, 1e-9) / times


def race(candidates, rounds=ROUNDS):
    """Median time of each candidate by name; they take turns."""
    first = {name: seconds(call) for name, call in candidates.items()}
    taken = {name: [] for name in candidates}
    for turn in range(rounds):
        for name, call in candidates.items():
            if (turn + 1) * first[name] < SECONDS_PER_CANDIDATE:
                times = max(1, int(SECONDS_PER_TURN / first[name]))
                taken[name].append(seconds(call, times))
    return {name: statistics.median(turns or [first[name]]) for name, turns in taken.items()}


@contextmanager
def time_limit(seconds):
    """Raise TimeoutError after so much processor time, as soon as the interpreter has control."""

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_pass(z):
    """One read of all scores."""
    return lambda: z.sum()


def exp_pass(z):
    """One `exp` of every score, block by block in cache."""
    flat, buffer = z.reshape(-1), np.empty(BLOCK, z.dtype)

    def call():
        for start in range(0, flat.size, BLOCK):
            block = flat[start : start + BLOCK]
            np.exp(block, out=buffer[: block.size])

    return call


def markdown(*columns):
    """Print a row of a table."""
    print("| " + " | ".join(map(str, columns)) + " |", flush=True)


def header(*columns):
    """Print the head of a table; the first column holds text."""
    markdown(*columns)
    print("|---" + "|---:" * (len(columns) - 1) + "|")


def milliseconds(value):
    """A time to three digits."""
    return f"{value * 1e3:.3g} ms"

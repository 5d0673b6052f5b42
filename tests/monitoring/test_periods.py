"""Periods hold every row once, whatever the batches and however often they were halved."""

import numpy as np
import pytest

from sklearn_calib.monitoring._periods import MAX_PERIODS, Periods, as_table, row_sums

EDGES = np.array([0.0, 0.5, 1.0])


def filled(n, batch, first=0):
    """Periods of n rows whose number is their time, and one more than it their log evidence."""
    periods, row = Periods(n_bins=2), 0
    while row < n:
        take = min(batch, n - row, periods.make_room())
        rows = row + np.arange(take)
        p = (rows % 10) / 10
        period = periods.positions(take)
        ends = np.append(np.flatnonzero(np.diff(period)), take - 1)
        values = row_sums(p, (rows % 2).astype(float), None)
        number = first + rows
        periods.add(period, (p > 0.5).astype(int), values, number[ends] + 1, number.__getitem__)
        row += take
    return periods


@pytest.mark.parametrize("n", [1, 15, 16, 17, 2_048, 2_049, 9_999])
def test_rows_are_consecutive_and_none_is_lost(n):
    periods = filled(n, batch=1_000)
    first = periods.first_rows()
    assert len(periods) <= MAX_PERIODS
    assert first[-1] == n
    assert periods.first_time == first[:-1].tolist()
    assert periods.last_time == (first[1:] - 1).tolist()
    assert periods.log_evidence == first[1:].tolist()
    assert all(size == periods.length for size in periods.size[:-1])
    assert periods.sums[0].sum() == n


def test_batches_make_no_difference():
    whole = filled(3_000, batch=3_000)
    for batch in (1, 7, 999):
        pieces = filled(3_000, batch)
        np.testing.assert_array_equal(pieces.sums, whole.sums)
        assert pieces.size == whole.size


def test_since_and_time_of():
    periods = filled(100, batch=100)  # periods of 16 rows
    assert periods.since(0)[0].sum() == 100
    assert periods.since(33)[0].sum() == 100 - 32
    assert periods.time_of(33) == 32
    assert periods.since(100)[0].sum() == 100 - 96  # nothing is later: the last period


@pytest.mark.parametrize(("n", "m"), [(100, 50), (2_500, 40), (40, 2_500), (3_000, 3_000)])
def test_followed_by(n, m):
    first, second = filled(n, 500), filled(m, 500, first=n)
    both = first.followed_by(second, log_evidence=7.0)
    assert len(both) <= MAX_PERIODS
    assert both.first_rows()[-1] == n + m
    assert (both.first_time[0], both.last_time[-1]) == (0, n + m - 1)
    assert both.log_evidence[-1] == 7 + n + m
    np.testing.assert_allclose(both.sums.sum(axis=1), (first.sums + second.sums).sum(axis=1))
    assert first.first_rows()[-1] == n
    assert both.make_room() >= 1


def test_table_has_the_occupied_cells_only():
    sums = np.zeros((7, 3, 2))
    sums[:, 2, 0] = 1
    table = as_table(sums, EDGES, ["a", "b", "c"])
    assert (table.group.tolist(), table.lower.tolist(), table.upper.tolist()) == (["c"], [0], [0.5])
    assert table.count.dtype == np.int64

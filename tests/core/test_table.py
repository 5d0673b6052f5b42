import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_calib._core import table as table_module
from sklearn_calib._core.bins import uniform_edges
from sklearn_calib._core.table import (
    SUMS,
    CalibrationTable,
    concatenate_tables,
    tabulate,
    tabulate_classwise,
)
from sklearn_calib._events import Events

# Multiples of 1/4 and integer weights: all sums are exact, whatever their order.
quarters = st.integers(0, 4).map(lambda d: d / 4)
event_rows = st.lists(
    st.tuples(quarters, quarters, st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=15
)


def as_events(rows, *, weighted=True, grouped=True):
    probability, outcome, weight, group = (np.array(c) for c in zip(*rows, strict=True))
    return Events(
        probability.astype(float),
        outcome.astype(float),
        weight.astype(float) if weighted else None,
        group if grouped else None,
    )


def cells(table):
    """The table as a dictionary from (group, lower, upper) to the sums."""
    groups = [None] * len(table) if table.group is None else table.group.tolist()
    keys = zip(groups, table.lower.tolist(), table.upper.tolist(), strict=True)
    sums = zip(*(getattr(table, name).tolist() for name in SUMS), strict=True)
    return dict(zip(keys, sums, strict=True))


def slow_cells(events, edges):
    """The same, event by event."""
    table = {}
    for i, p in enumerate(events.probability.tolist()):
        k = next(k for k in range(edges.size - 1) if p <= edges[k + 1])
        w = 1.0 if events.weight is None else events.weight[i].item()
        key = (None if events.group is None else int(events.group[i]), edges[k], edges[k + 1])
        o = events.outcome[i].item()
        old = table.get(key, (0, *6 * [0.0]))
        new = (1, w, w * p, w * o, w * p * p, w * p * o, w * o * o)
        table[key] = tuple(a + b for a, b in zip(old, new, strict=True))
    return table


every_form = pytest.mark.parametrize(
    "form", [{"weighted": w, "grouped": g} for w in (False, True) for g in (False, True)], ids=str
)


@every_form
@settings(max_examples=50, deadline=None)
@given(rows=event_rows, n_bins=st.integers(1, 7))
def test_table_equals_sums_event_by_event(form, rows, n_bins):
    events, edges = as_events(rows, **form), uniform_edges(n_bins)
    table = tabulate(events, edges)
    assert cells(table) == slow_cells(events, edges)
    assert list(cells(table)) == sorted(cells(table), key=lambda key: (key[0] or 0, key[1]))


@every_form
@settings(max_examples=50, deadline=None)
@given(rows=event_rows, more=event_rows, n_bins=st.integers(1, 7))
def test_sum_of_tables_is_the_table_of_both(form, rows, more, n_bins):
    edges = uniform_edges(n_bins)
    a, b, both = (tabulate(as_events(r, **form), edges) for r in (rows, more, rows + more))
    assert cells(a + b) == cells(b + a) == cells(both)
    assert list(cells(a + b)) == list(cells(both))  # in the same order
    for name in ("confidence", "accuracy", "gap", "share"):
        np.testing.assert_array_equal(getattr(a + b, name), getattr(both, name))


def test_adding_changes_neither_table():
    edges = uniform_edges(4)
    a, b = (tabulate(Events(np.array([p]), np.array([1.0])), edges) for p in (0.2, 0.1))
    before = cells(a), cells(b)
    total = a + b
    total.sum_outcome[0] = 99
    assert (cells(a), cells(b)) == before


def test_columns_by_hand():
    events = Events(
        probability=np.array([0.1, 0.2, 0.9]),
        outcome=np.array([0.0, 1.0, 1.0]),
        weight=np.array([1.0, 3.0, 4.0]),
    )
    table = tabulate(events, uniform_edges(2))
    assert len(table) == 2
    np.testing.assert_array_equal(table.count, [2, 1])
    np.testing.assert_array_equal(table.weight, [4, 4])
    np.testing.assert_allclose(table.confidence, [0.7 / 4, 0.9])
    np.testing.assert_allclose(table.accuracy, [0.75, 1])
    np.testing.assert_allclose(table.gap, [0.7 / 4 - 0.75, -0.1])  # positive is overconfident
    np.testing.assert_allclose(table.share, [0.5, 0.5])


def test_empty_bins_have_no_row():
    table = tabulate(Events(np.array([0.05, 0.95]), np.array([0.0, 1.0])), uniform_edges(10))
    np.testing.assert_array_equal(table.lower, [0, 0.9])
    np.testing.assert_array_equal(table.upper, [0.1, 1])


def table_of(values, n_bins, group=None):
    values = np.array(values)
    group = None if group is None else np.array(group)
    return tabulate(Events(values, np.ones(values.size), group=group), uniform_edges(n_bins))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (table_of([0.15], 10), table_of([0.15], 5)),  # (0.1, 0.2] inside (0, 0.2]
        (table_of([0.3], 2), table_of([0.3], 3)),  # (0, 0.5] across (0, 0.33]
        (table_of([0.05, 0.95], 10), table_of([0.5], 1)),  # (0, 1] holds both
        (table_of([0.3], 2, [1]), table_of([0.9, 0.3], 3, [0, 1])),
    ],
)
def test_different_bins_cannot_be_added(a, b):
    for one, other in ((a, b), (b, a)):
        with pytest.raises(ValueError, match="different bins"):
            one + other


def test_equal_bins_of_other_groups_stay_apart():
    a, b = table_of([0.3], 2, [0]), table_of([0.3], 3, [1])  # other bins, but in other groups
    assert cells(a + b) == {**cells(a), **cells(b)}


def test_a_table_with_groups_and_one_without_cannot_be_added():
    with pytest.raises(ValueError, match="with groups and a table without"):
        table_of([0.3], 2) + table_of([0.3], 2, [0])


def test_sum_adds_many_tables():
    tables = [table_of([p], 4, [0]) for p in (0.1, 0.2, 0.9)]
    assert cells(sum(tables)) == cells(table_of([0.1, 0.2, 0.9], 4, [0, 0, 0]))


@pytest.mark.parametrize("other", [0, 1.5, None, "table", np.arange(2)])
def test_only_tables_add(other):
    with pytest.raises(TypeError):
        table_of([0.3], 2) + other
    if not np.array_equal(other, 0):  # where sum() starts
        with pytest.raises(TypeError):
            other + table_of([0.3], 2)


def test_groups_may_be_any_label():
    def named(names):
        table = table_of([0.3, 0.3], 2, [0, 1])
        return CalibrationTable(**{**vars(table), "group": np.array(names, dtype=object)})

    total = named(["cat", "dog"]) + named(["ant", "dog"])
    np.testing.assert_array_equal(total.group, ["ant", "cat", "dog"])
    np.testing.assert_array_equal(total.count, [1, 1, 2])


def test_concatenated_tables_keep_all_rows():
    table = concatenate_tables([table_of([0.3], 2), table_of([0.3, 0.9], 2)])
    np.testing.assert_array_equal(table.upper, [0.5, 0.5, 1])


def test_accuracy_interval_by_hand():
    # No success among 8: (0, z^2 / (8 + z^2)), see test_intervals.
    table = tabulate(Events(np.full(8, 0.3), np.zeros(8)), uniform_edges(1))
    low, high = table.accuracy_interval()
    z2 = 1.959963984540054**2
    np.testing.assert_allclose((low[0], high[0]), (0, z2 / (8 + z2)), atol=1e-15)
    narrow = table.accuracy_interval(confidence_level=0.5)
    assert narrow[1] < high


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan")])
def test_accuracy_interval_needs_a_level_between_0_and_1(level):
    with pytest.raises(ValueError, match=r"confidence_level must be in \(0, 1\)"):
        table_of([0.3], 2).accuracy_interval(level)


def test_printing():
    # Wilson limits of 1 of 1 and 0 of 1 in closed form: 1 / (1 + z^2) and z^2 / (1 + z^2).
    events = Events(np.array([0.05, 0.6, 0.7]), np.array([1.0, 0.0, 0.0]))
    assert str(tabulate(events, uniform_edges(10))).splitlines() == [
        "    bin        count  confidence  accuracy      gap  95 % interval",
        "(0.0, 0.1]         1       0.050     1.000   -0.950  0.207 - 1.000",
        "(0.5, 0.6]         1       0.600     0.000   +0.600  0.000 - 0.793",
        "(0.6, 0.7]         1       0.700     0.000   +0.700  0.000 - 0.793",
    ]


@pytest.mark.parametrize("group", [None, [0, 1, 1]])
def test_printed_columns_are_aligned_whatever_the_bins(group):
    header, *lines = str(table_of([0.3, 0.5, 0.9], 15, group)).splitlines()
    assert {len(line) for line in lines} == {len(header)}
    assert header.startswith("group ") == (group is not None)


def test_columns_by_name():
    table = table_of([0.3, 0.9], 2)
    columns = table.to_dict()
    low, high = table.accuracy_interval()
    names = [
        "lower",
        "upper",
        "count",
        "weight",
        "confidence",
        "accuracy",
        "gap",
        "accuracy_lower",
        "accuracy_upper",
    ]
    assert list(columns) == names
    for name, expected in zip(
        names, [getattr(table, n) for n in names[:7]] + [low, high], strict=True
    ):
        np.testing.assert_array_equal(columns[name], expected)
    assert list(table_of([0.3], 2, [0]).to_dict()) == ["group", *names]


def test_a_table_survives_pickling():
    table = table_of([0.3, 0.9], 2, [1, 0])
    assert cells(pickle.loads(pickle.dumps(table))) == cells(table)


def test_a_table_without_second_moments_sums_to_one_without():
    events = as_events([(0.25, 1.0, 1, 0), (0.75, 0.5, 2, 0)])
    short = tabulate(events, uniform_edges(4), moments=1)
    assert short.sum_product is None
    total = short + tabulate(events, uniform_edges(4))
    assert total.sum_outcome_squared is None
    np.testing.assert_array_equal(total.weight, [2, 4])


# Faster ways to the same table


def first_moments(table):
    names = ("lower", "upper", "count", "weight", "sum_probability", "sum_outcome", "group")
    return [getattr(table, name) for name in names if getattr(table, name) is not None]


def check_first_moments(table, expected):
    for ours, theirs in zip(first_moments(table), first_moments(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.fixture
def many():
    rng = np.random.default_rng(0)
    p = rng.integers(0, 101, 5000) / 100
    return Events(p, (rng.random(5000) < p).astype(float), group=rng.integers(0, 3, 5000))


@pytest.mark.parametrize("grouped", [False, True])
def test_boolean_outcomes_give_the_same_table(many, grouped):
    events = many if grouped else many._replace(group=None)
    hard = events._replace(outcome=events.outcome.astype(bool))
    expected = tabulate(events, uniform_edges(10))
    check_first_moments(tabulate(hard, uniform_edges(10), moments=1), expected)
    check_first_moments(tabulate(events, uniform_edges(10), moments=1), expected)


@pytest.mark.parametrize("moments", [1, 2])
def test_blocks_of_rows_add_up(many, moments, monkeypatch):
    expected = tabulate(many, uniform_edges(7))
    monkeypatch.setattr(table_module, "_BLOCK", 64)
    check_first_moments(tabulate(many, uniform_edges(7), moments=moments), expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("block", [1 << 16, 100])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_bins", [1, 2, 10])
def test_a_class_wise_table_is_that_of_all_events(weighted, block, dtype, n_bins, monkeypatch):
    monkeypatch.setattr(table_module, "_BLOCK", block)
    rng = np.random.default_rng(0)
    n, n_classes = 300, 7
    proba = (rng.multinomial(20, np.ones(n_classes) / n_classes, n) / 20).astype(dtype)
    code = rng.integers(0, n_classes - 1, n)  # the last class never occurs
    weight = rng.random(n) if weighted else None
    events = Events(
        proba.T.ravel(),
        (code == np.arange(n_classes)[:, None]).astype(float).ravel(),
        None if weight is None else np.tile(weight, n_classes),
        np.repeat(np.arange(n_classes), n),
    )
    expected = tabulate(events, uniform_edges(n_bins))
    edges = uniform_edges(n_bins).astype(dtype)
    for layout in (proba, np.asfortranarray(proba)):
        blocks = [
            (rows, np.flatnonzero(rows > edges[1]), rows[rows > edges[1]])
            for rows in np.split(layout, [100, 250])
        ]
        table = tabulate_classwise(blocks, code, weight, uniform_edges(n_bins), n_classes)
        check_first_moments(table, expected)


def test_a_first_bin_of_small_weight_is_not_lost_in_the_other_bins():
    proba = np.full((9, 2), 0.5)
    proba[0] = 0.05, 0.95
    weight = np.append(1e-20, np.ones(8))  # 8 + 1e-20 - 8 is 0
    blocks = [(proba, np.flatnonzero(proba > 0.1), proba[proba > 0.1])]
    table = tabulate_classwise(blocks, np.ones(9, dtype=int), weight, uniform_edges(10), 2)
    assert (table.weight[0], table.count[0]) == (1e-20, 1)
    assert table.confidence[0] == pytest.approx(0.05)


def test_a_class_wise_table_of_so_many_bins_that_they_are_searched():
    proba, code, n_bins = np.array([[0.25, 0.75], [0.75, 0.25]]), np.array([0, 0]), 1 << 20
    blocks = [(proba, np.arange(4), proba.ravel())]
    table = tabulate_classwise(blocks, code, None, uniform_edges(n_bins), 2)
    np.testing.assert_array_equal(table.upper, [0.25, 0.75, 0.25, 0.75])
    np.testing.assert_array_equal(table.sum_outcome, [1, 1, 0, 0])


@pytest.mark.parametrize("n", [0, 1, 9_000, 9_001])
def test_pairs_of_bytes_are_counted_as_each_of_them(n):
    cell = np.random.default_rng(0).integers(0, 7, n).astype(np.uint8)
    for size in (7, 8, 200):
        np.testing.assert_array_equal(
            table_module._count(cell, size), np.bincount(cell, minlength=size)
        )

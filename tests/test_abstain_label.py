import numpy as np
import pytest

from sklearn_calib._abstain_label import (
    default_abstain_label,
    insert_abstain_label,
    resolve_abstain_label,
)

CLASSES = [
    (np.array(["no", "yes"]), "abstain"),
    (np.array(["no", "yes"], dtype=object), "abstain"),
    (np.array(["no", "yes"], dtype=np.dtypes.StringDType()), "abstain"),
    (np.array([0, 1]), -1),
    (np.array([-1, 1]), -2),
    (np.array([-128, -1], dtype=np.int8), -129),  # beyond the dtype of the classes
    (np.array([-3, 5]), -1),
    (np.array([1, 2], dtype=np.uint8), -1),
    (np.array([1, 2], dtype=np.uint64), -1),
    (np.array([False, True]), -1),
    (np.array([0.0, 1.0]), -1),
    (np.array([-1.0, 1.0]), -2),
    (np.array([1, 2], dtype=object), -1),
    (np.array([-1, 2], dtype=object), -2),
]
every_kind = pytest.mark.parametrize(
    ("classes", "label"), CLASSES, ids=[f"{c.dtype}{c.tolist()}" for c, _ in CLASSES]
)


@every_kind
def test_default_is_no_class_and_of_their_kind(classes, label):
    default = default_abstain_label(classes)
    assert default == label
    assert type(default) is not np.generic
    assert not np.any(classes == default)
    assert resolve_abstain_label(None, classes) == label
    assert resolve_abstain_label(default, classes) == label


@every_kind
def test_inserted_labels_are_found_again(classes, label):
    labels = np.tile(classes, 2)
    accept = np.array([True, True, False, True])
    result = insert_abstain_label(labels, accept, label)
    np.testing.assert_array_equal(result == label, ~accept)
    # Boolean classes become 0 and 1, which equal them.
    np.testing.assert_array_equal(result[accept] == labels[accept], True)
    assert result.dtype.kind not in "bu"


@every_kind
def test_the_dtype_does_not_depend_on_which_rows_are_rejected(classes, label):
    dtypes = {insert_abstain_label(classes, np.full(2, a), label).dtype for a in (True, False)}
    assert len(dtypes) == 1


@pytest.mark.parametrize(
    ("classes", "label", "dtype"),
    [
        (np.array(["no", "yes"]), "abstain", "<U7"),
        (np.array(["no", "yes"]), "?", "<U3"),
        (np.array([0, 1]), -1, "i8"),
        (np.array([0, 1], dtype=np.int8), -1, "i1"),
        (np.array([0, 1], dtype=np.int8), 1000, "i4"),
        (np.array([0, 200], dtype=np.uint8), -1, "i2"),
        (np.array([0, 1], dtype=np.uint64), -1, "i8"),  # NumPy alone would go to floats
        (np.array([False, True]), -1, "i1"),
        (np.array([False, True]), 1000, "i4"),
        (np.array([0, 1]), 0.5, "f8"),
        (np.array([0, 1], dtype=np.uint8), 0.5, "f8"),
        (np.array([False, True]), 0.5, "f8"),
        (np.array([0.0, 1.0], dtype=np.float32), -1, "f8"),
        (np.array([0, 1], dtype=object), -1, "O"),
    ],
)
def test_the_dtype_holds_classes_and_label(classes, label, dtype):
    result = insert_abstain_label(classes, np.array([True, False]), label)
    assert result.dtype == np.dtype(dtype)
    assert result.tolist() == [classes[0], label]


@pytest.mark.parametrize(
    ("classes", "label"),
    [([0, 1], 1), ([0, 1], 1.0), ([0, 1], True), ([False, True], 0), (["a", "b"], "b")],
)
def test_a_label_that_is_a_class(classes, label):
    with pytest.raises(ValueError, match=r"abstain_label=.* is one of the classes \["):
        resolve_abstain_label(label, np.array(classes))


@pytest.mark.parametrize(
    ("classes", "label", "kind"),
    [
        ([0, 1], "abstain", "a number"),
        ([0, 1], float("nan"), "a number"),
        ([0, 1], [-1, -2], "a number"),
        ([0, 1], 1j, "a number"),
        (["a", "b"], -1, "a string"),
        (["a", "b"], ["c"], "a string"),
    ],
)
def test_a_label_of_another_kind(classes, label, kind):
    with pytest.raises(ValueError, match=rf"abstain_label must be {kind}, as the classes"):
        resolve_abstain_label(label, np.array(classes))


@pytest.mark.parametrize("label", [None, "none", -1])
def test_classes_beside_which_nothing_can_stand(label):
    with pytest.raises(
        TypeError, match=r"Labels must be strings or numbers.*datetime.date\(2026, 1, 1\)"
    ):
        resolve_abstain_label(label, np.array(["2026-01-01", "2026-01-02"], dtype="M8[D]"))


@pytest.mark.parametrize(
    ("classes", "label"),
    [([0, 1], 2), ([0, 1], np.int64(-7)), ([0, 1], 0.5), (["a", "b"], np.str_("c")), (["a"], "")],
)
def test_an_explicit_label_is_kept(classes, label):
    assert resolve_abstain_label(label, np.array(classes)) is label


def test_labels_beyond_every_signed_integer_become_objects():
    labels = np.array([2**63 + 5, 1], dtype=np.uint64)
    inserted = insert_abstain_label(labels, np.array([True, False]), -1)
    assert inserted.tolist() == [2**63 + 5, -1]

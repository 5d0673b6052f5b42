import numpy as np
import pytest

from sklearn_calib.datasets import load_cifar10_probabilities

MODELS = ["wideresnet-16-4", "vgg16"]


@pytest.mark.parametrize(("model", "n_correct"), [("wideresnet-16-4", 9109), ("vgg16", 9359)])
def test_accuracy_of_the_source(model, n_correct):
    images = load_cifar10_probabilities(model=model)
    assert np.sum(images.data.argmax(axis=1) == images.target) == n_correct


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_distributions(model):
    images = load_cifar10_probabilities(model=model)
    assert images.models == MODELS
    assert images.data.shape == (10000, 10)
    assert images.data.dtype == np.float32
    assert np.all((images.data > 0) & (images.data <= 1))
    # ten terms of at most 1, each rounded to 2 ** -24
    np.testing.assert_allclose(images.data.sum(axis=1, dtype=float), 1, atol=10 * 2.0**-24)


def test_labels_are_those_of_the_test_images_in_their_order():
    images = load_cifar10_probabilities()
    first = [images.target_names[code] for code in images.target[:5]]
    assert first == ["cat", "ship", "ship", "airplane", "frog"]
    np.testing.assert_array_equal(np.bincount(images.target), np.full(10, 1000))
    np.testing.assert_array_equal(images.target, load_cifar10_probabilities(model="vgg16").target)


def test_halves_are_the_documented_split():
    images = load_cifar10_probabilities()
    cal_idx = np.sort(np.random.default_rng(0).permutation(10000)[:5000])
    np.testing.assert_array_equal(images.cal_idx, cal_idx)
    np.testing.assert_array_equal(images.test_idx, np.setdiff1d(np.arange(10000), cal_idx))


def test_unknown_model():
    with pytest.raises(ValueError, match="model must be one of 'wideresnet-16-4', 'vgg16'"):
        load_cifar10_probabilities(model="resnet")

"""Settings of all tests."""

import pytest
import scipy.linalg  # noqa: F401  (the libraries whose threads are limited must be loaded)
import sklearn.linear_model  # noqa: F401
from hypothesis import settings
from threadpoolctl import threadpool_limits

# A test is no faster or slower for being right: on a busy machine one example may take a second.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="session")
def _one_thread_per_process():
    """Tests are small: on a busy machine threads that wait for each other cost five times the work."""
    with threadpool_limits(1):
        yield

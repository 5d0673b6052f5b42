import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture
def plt():
    """Pyplot without figures, before and after."""
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")

"""Optional dependencies: imported where used, with a clear message when absent."""

import importlib


def import_optional(module, *, extra):
    """Import `module`, or raise an `ImportError` that names the extra to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"This needs {package}, which is not installed: pip install 'sklearn-calib[{extra}]'"
        ) from error


def import_narwhals():
    """The package that speaks to the engines of data frames."""
    return import_optional("narwhals", extra="frames")

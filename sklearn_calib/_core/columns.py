"""What results in columns share."""

from collections.abc import Callable

from sklearn_calib._optional import import_optional


class ColumnsMixin:
    """A result whose `to_dict` returns its columns by name."""

    to_dict: Callable

    def to_frame(self):
        """Columns of `to_dict` as a data frame; needs the extra ``frames``.

        Returns
        -------
        frame : pandas.DataFrame
            In the order of the rows.
        """
        return import_optional("pandas", extra="frames").DataFrame(self.to_dict())

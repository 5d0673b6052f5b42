"""What the classifiers that judge their own answers share."""

from sklearn.frozen import FrozenEstimator
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from sklearn_calib._meta_classifier import MetaClassifier, estimator_has
from sklearn_calib._validation import check_number


class BaseSelectiveClassifier(MetaClassifier):
    """Learns from the confidence of held-out answers, for which `confidence_level` asks a guarantee."""

    @available_if(estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Probabilities of the estimator, whatever becomes of the answer.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            Rows to predict.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    def _check_confidence_level(self):
        """Raise unless it is None, or a level for a model that has not seen the held-out rows."""
        if self.confidence_level is None:
            return
        open_ends = {"low_open": True, "high_open": True}
        check_number(self.confidence_level, "confidence_level", low=0, high=1, **open_ends)
        if self.refit and not isinstance(self.estimator, FrozenEstimator):
            raise ValueError(
                "confidence_level: an accuracy can be guaranteed only for a model that was not fitted on "
                "the rows that choose its threshold. Give a FrozenEstimator and rows that it has not "
                "seen, or set refit=False with a single split as cv, such as ShuffleSplit(1, "
                "test_size=0.3); cross-fitting with a refit is for confidence_level=None."
            )

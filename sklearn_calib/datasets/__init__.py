"""Small real data sets: predictions with known outcomes, bundled with the package."""

from sklearn_calib.datasets._cifar10_probabilities import load_cifar10_probabilities
from sklearn_calib.datasets._mmlu_pro_confidence import load_mmlu_pro_confidence
from sklearn_calib.datasets._mmlu_prompts import load_mmlu_prompts
from sklearn_calib.datasets._nfl_forecasts import load_nfl_forecasts
from sklearn_calib.datasets._solar_flares import load_solar_flares
from sklearn_calib.datasets._stated_confidence import load_stated_confidence
from sklearn_calib.datasets._triviaqa_answers import load_triviaqa_answers
from sklearn_calib.datasets._vlm_option_logits import load_vlm_option_logits

__all__ = [
    "load_cifar10_probabilities",
    "load_mmlu_pro_confidence",
    "load_mmlu_prompts",
    "load_nfl_forecasts",
    "load_solar_flares",
    "load_stated_confidence",
    "load_triviaqa_answers",
    "load_vlm_option_logits",
]

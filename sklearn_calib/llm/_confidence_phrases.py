"""What phrases about confidence stand for, unless a caller knows better."""

_LEVELS = {
    "very high": 0.95,
    "high": 0.9,
    "moderate": 0.6,
    "medium": 0.6,
    "low": 0.3,
    "very low": 0.1,
}
_FRAMES = (
    "{} confidence",
    "confidence {}",
    "confidence is {}",
    "confidence level {}",
    "confidence level is {}",
)

#: Probability of each phrase: round numbers in the range of what surveys find. A calibrator that is
#: fitted on outcomes replaces them by what was observed.
CONFIDENCE_PHRASES = {
    "absolutely certain": 0.99,
    "absolutely sure": 0.99,
    "completely certain": 0.99,
    "completely sure": 0.99,
    "definitely": 0.99,
    "no doubt": 0.99,
    "without a doubt": 0.99,
    "almost certain": 0.95,
    "almost certainly": 0.95,
    "extremely confident": 0.95,
    "extremely likely": 0.95,
    "nearly certain": 0.95,
    "virtually certain": 0.95,
    "highly confident": 0.9,
    "highly likely": 0.9,
    "quite sure": 0.9,
    "very confident": 0.9,
    "very likely": 0.9,
    "very sure": 0.9,
    "pretty sure": 0.85,
    "most likely": 0.8,
    "fairly confident": 0.75,
    "fairly sure": 0.75,
    "likely": 0.7,
    "probable": 0.7,
    "probably": 0.7,
    "better than even": 0.6,
    "moderately confident": 0.6,
    "somewhat confident": 0.6,
    "about even": 0.5,
    "coin flip": 0.5,
    "even odds": 0.5,
    "toss-up": 0.5,
    "probably not": 0.25,
    "doubtful": 0.2,
    "improbable": 0.2,
    "unlikely": 0.2,
    "very unlikely": 0.1,
    "almost certainly not": 0.05,
    "extremely unlikely": 0.05,
    "highly unlikely": 0.05,
    "almost impossible": 0.02,
    "impossible": 0.01,
    **{frame.format(level): p for frame in _FRAMES for level, p in _LEVELS.items()},
}

#: The same for texts that consist of nothing else.
LEVELS = _LEVELS

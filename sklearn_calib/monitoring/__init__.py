"""Watch: is confidence still honest today?"""

from sklearn_calib.monitoring._confidence_shift import ConfidenceShift, confidence_shift_test
from sklearn_calib.monitoring._estimate_performance import PerformanceEstimate, estimate_performance
from sklearn_calib.monitoring._monitor import CalibrationMonitor
from sklearn_calib.monitoring._report import Alarm, MonitorReport

__all__ = [
    "Alarm",
    "CalibrationMonitor",
    "ConfidenceShift",
    "MonitorReport",
    "PerformanceEstimate",
    "confidence_shift_test",
    "estimate_performance",
]

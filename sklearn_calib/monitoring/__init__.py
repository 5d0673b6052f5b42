"""Watch: is confidence still honest today?"""

from sklearn_calib.monitoring._monitor import CalibrationMonitor
from sklearn_calib.monitoring._report import Alarm, MonitorReport

__all__ = ["Alarm", "CalibrationMonitor", "MonitorReport"]

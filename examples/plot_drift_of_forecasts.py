"""
Since when are the forecasts off?
=================================

Forecasts of American football games were published before each game, for seven seasons. From 2019 on home
teams won less often than before. Would one have noticed, and when?
"""

# %%
# The gap, season by season
# -------------------------
# Above zero the forecasts promise home teams more than they get. Each season by itself is compatible with
# no gap at all, or nearly: 267 games say little.
import matplotlib.pyplot as plt

from sklearn_calib.datasets import load_nfl_forecasts
from sklearn_calib.display import CalibrationOverTimeDisplay, EvidenceDisplay
from sklearn_calib.monitoring import CalibrationMonitor

games = load_nfl_forecasts()
forecast, won, season = games.data[:, 0], games.target, games.season
CalibrationOverTimeDisplay.from_predictions(won, forecast, kind="record", time=season)
plt.show()

# %%
# Watching game by game
# ---------------------
# A test after every season would cry wolf sooner or later. The evidence of a monitor may be looked at
# after every game: it reaches 20 with a probability of 5 % at most while forecasts are honest.
monitor = CalibrationMonitor(alpha=0.05)
for year in (2019, 2020, 2021):
    rows = season == year
    monitor.update(won[rows], forecast[rows], time=games.date[rows])
EvidenceDisplay.from_monitor(monitor)
plt.show()

print(monitor.report())

# %%
# Repairing them
# --------------
# The monitor has kept what a calibrator needs: tables of the rows since the onset.
repaired = monitor.recalibrator().predict_proba([0.4, 0.5, 0.6, 0.7, 0.8])[:, 1]
for said, meant in zip((0.4, 0.5, 0.6, 0.7, 0.8), repaired, strict=True):
    print(f"a forecast of {said:.0%} meant {meant:.0%}")

# %%
# **Conclusion.** No single season proves anything; three seasons in one direction do, in the middle of
# the third. Over all seven seasons the evidence stays below 20, as the honest ones speak against it.
print(f"{CalibrationMonitor().update(won, forecast).report().peak_evidence:.1f}")

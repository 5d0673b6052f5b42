"""Draw the picture of the README from the example that shows it: ``python doc/readme_picture.py``."""

import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
HERE = Path(__file__).parent
names = runpy.run_path(str(HERE.parent / "examples" / "plot_llm_overconfidence.py"))
names["figure"].savefig(HERE / "_static" / "llm_before_after.png", dpi=100)

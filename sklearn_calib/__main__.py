"""Run the command line: ``python -m sklearn_calib``."""

import sys

from sklearn_calib._command import main

sys.exit(main())

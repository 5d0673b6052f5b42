"""The numerical core: arrays in, arrays out; no checks, no scikit-learn."""

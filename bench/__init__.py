"""Timings as ratios in one run: `make bench`, or one part of it: python -m bench PART."""

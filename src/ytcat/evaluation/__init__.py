"""Metrics, statistics and error analysis of arrays, and the arithmetic of the slides."""

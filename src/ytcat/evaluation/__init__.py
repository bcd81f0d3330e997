"""Metrics and statistics: arrays and tables in, figures out."""

"""What predictions are worth: metrics, statistics, and the arithmetic of the slides' own figures."""

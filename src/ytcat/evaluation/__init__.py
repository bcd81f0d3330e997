"""What predictions are worth: metrics, statistics, and the audit of the slides' own figures."""

"""The models of the slides, their baselines, and the training."""

"""The models of the slides, the baselines beside them, and how they are trained."""

"""The synthetic demo corpus: generated from a seed, with a known best possible accuracy."""

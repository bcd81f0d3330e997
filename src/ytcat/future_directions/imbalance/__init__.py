"""Class imbalance: corrections that favour rare categories, and what they cost (chapter 10)."""

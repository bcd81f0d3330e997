"""Better architectures to connect text and image (chapters 07 and 11)."""

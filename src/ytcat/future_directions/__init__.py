"""The slides close with four wishes for later work; each has a package here, used by one chapter."""

"""Frozen features of enlarged thumbnails, computed once per corpus and shared by the wishes."""

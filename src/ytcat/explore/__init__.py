"""What a reader can touch: the title box of the book."""

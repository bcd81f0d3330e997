"""More data: learning curves, and a second corpus (chapter 09)."""

"""What the words of a caller say about how they feel."""

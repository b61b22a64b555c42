"""What a caller says that a person should deal with, whatever they feel."""

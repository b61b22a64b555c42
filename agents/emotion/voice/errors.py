"""What can be wrong with a model of the user's own."""


class ModelUnusable(Exception):
    """The model cannot judge; the message names the file and the remedy."""

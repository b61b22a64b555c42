"""The error of this package."""


class DialplanError(Exception):
    """Numbers, queues or templates from which no safe dialplan can be written; the message names the thing and the remedy."""

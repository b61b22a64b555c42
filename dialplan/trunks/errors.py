"""The error of this package."""

from dialplan.errors import DialplanError


class TrunksError(DialplanError):
    """trunks.yaml cannot be used; one line per problem, each with file, line and remedy. No password is ever in it."""

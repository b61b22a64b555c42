"""What can go wrong when a dialplan is installed, as a tree; every message names the thing and the remedy.

InstallingError
├── FolderUnusable   the configuration folder cannot be read or written
├── Busy             another installation is going on
├── Refused          it would lose or break something; nothing was written
├── ControlError     Asterisk cannot be reached, or does not do what it is asked
└── RolledBack       Asterisk does not hold what was written; the old files are back
"""

from collections.abc import Sequence

from dialplan.checking.finding import Finding
from dialplan.errors import DialplanError


class InstallingError(DialplanError):
    """Base of all errors of this package."""


class FolderUnusable(InstallingError):
    """The configuration folder cannot be read or written."""


class Busy(InstallingError):
    """Another installation is going on in this folder."""


class Refused(InstallingError):
    """Nothing was written."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ControlError(InstallingError):
    """Asterisk cannot be reached, or does not do what it is asked."""


class RolledBack(InstallingError):
    """The old files are back, and Asterisk has read them again."""

    def __init__(self, message: str, reasons: Sequence[str]) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)

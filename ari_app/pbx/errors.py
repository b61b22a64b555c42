"""What can go wrong with the embedded Asterisk, as a tree; every message names the thing and the remedy.

PbxError
├── PackageError      the packages cannot be fetched or unpacked
├── InstallError      no usable Asterisk was found
├── ConfigError       the configuration cannot be rendered
├── PortInUseError    a port that Asterisk needs is taken
└── StartError        Asterisk did not start, or ended while starting
"""


class PbxError(Exception):
    """Base of all errors of this package."""


class PackageError(PbxError):
    """The packages cannot be fetched or unpacked."""


class InstallError(PbxError):
    """No Asterisk was found that can be used."""


class ConfigError(PbxError):
    """The configuration of Asterisk cannot be rendered."""


class PortInUseError(PbxError):
    """Another program holds a port that Asterisk needs."""


class StartError(PbxError):
    """Asterisk did not come up."""

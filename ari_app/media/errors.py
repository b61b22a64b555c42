"""What can go wrong with media.

MediaError
├── MediaFull     no RTP port is free
├── MediaLost     the media process is gone
└── MediaRefused  the media process refused a request
"""


class MediaError(Exception):
    """Base of all errors of the media process and its link."""


class MediaFull(MediaError):
    """No RTP port is free: send the call to the queue, or widen media.first_port to media.last_port."""


class MediaLost(MediaError):
    """The media process is gone or does not answer; the supervisor starts another one."""


class MediaRefused(MediaError):
    """The media process refused a request; the message names the reason."""

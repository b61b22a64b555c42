"""Why calls are not answered now, where others act on the words."""

from typing import Final

NO_MEDIA: Final = "no media process"

"""What comes after a try to deliver a webhook. Pure."""

import random
from dataclasses import dataclass

from handoff.tasks.settings import WebhookSettings


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one try."""

    status: int | None
    """HTTP; None: there was no answer."""
    problem: str = ""
    """Why there was none, in our words."""

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def why(self) -> str:
        if self.status is None:
            return self.problem
        if 300 <= self.status < 400:
            return f"the receiver redirects ({self.status}), which is not followed: write the final address into the settings"
        return f"the receiver answered {self.status}"


def wait_s(settings: WebhookSettings, tries: int, age_s: float) -> float | None:
    """Pause after the ``tries``-th try has failed, twice as long each time, with jitter so that a receiver that comes back is not met by
    everything at once; None: it was the last. Every refusal is tried again: receivers answer 404 and 401 while they are being set up."""
    if tries >= settings.most_tries or age_s >= settings.most_age_h * 3600:
        return None
    longest = min(settings.longest_wait_s, settings.first_wait_s * 2.0 ** (tries - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing

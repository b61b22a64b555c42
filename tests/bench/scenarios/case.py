"""One simulated call: who calls, what they want, and the facts that they know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Scenario(StrEnum):
    """What callers want; the order is that of the report."""

    ORDER_STATUS = "order-status"
    REFUND = "refund"
    REFUND_OVER_LIMIT = "refund-over-limit"
    ADDRESS_CHANGE = "address-change"
    OUTAGE = "outage"
    DEVICE_HELP = "device-help"
    PASSWORD_RESET = "password-reset"
    APPOINTMENT = "appointment"
    PAYMENT = "payment"
    ANGRY = "angry"
    SILENCE = "silence"
    WRONG_NUMBER = "wrong-number"
    LANGUAGE = "language"


TEN = tuple(Scenario)[:10]
"""Those with a bound; the others are reported apart."""

AGENTS: Mapping[Scenario, str] = {
    Scenario.ORDER_STATUS: "order-status",
    Scenario.REFUND: "refund",
    Scenario.REFUND_OVER_LIMIT: "refund",
    Scenario.ADDRESS_CHANGE: "address-change",
    Scenario.OUTAGE: "outage",
    Scenario.DEVICE_HELP: "device-help",
    Scenario.PASSWORD_RESET: "password-reset",
    Scenario.APPOINTMENT: "appointments",
    Scenario.PAYMENT: "payment",
    Scenario.LANGUAGE: "language",
}
"""The agent that does only this, for calls that leave the front desk out."""


@dataclass(frozen=True, slots=True)
class Case:
    scenario: Scenario
    index: int
    """Of this scenario's calls, from 0."""
    seed: str
    """Of everything that this caller chooses."""
    voice: str
    phone: str
    """Seven digits; shown as caller id."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """By name, in canonical form: ``order`` "48213", ``at`` "2026-11-27T09:00", ``total`` "34.50"."""
    digits_by: str = ""
    """A person whose recorded digits say the numbers; empty: the voice itself."""

    @property
    def name(self) -> str:
        return f"{self.scenario.value}-{self.index:02}"

    def to_json(self) -> dict[str, Any]:
        told = {key: value for key, value in self.facts.items() if key not in ("card", "cvc")}
        return {"name": self.name, "voice": self.voice, "digits_by": self.digits_by, "phone": self.phone, "facts": told}

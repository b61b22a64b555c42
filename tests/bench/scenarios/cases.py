"""The calls of a run: each has facts of its own, so that no call meets what another one changed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from ari_app.harbor_home.visit_times import visits_of
from tests.bench.scenarios.case import Case, Scenario

Purpose: TypeAlias = Literal["tune", "report"]

VOICES: Final[Mapping[Purpose, Sequence[str]]] = {
    "tune": ("flite:rms", "flite:kal16", "rhvoice:clb@1.15"),
    "report": ("rhvoice:slt", "rhvoice:alan", "rhvoice:clb", "flite:awb"),
}
"""Never the agent's own (``rhvoice:bdl``)."""
PEOPLE: Final[Mapping[Purpose, Sequence[str]]] = {"tune": ("george", "jackson"), "report": ("lucas", "theo", "yweweler")}
_MEN: Final = ("rhvoice:alan", "flite:awb", "flite:rms", "flite:kal16")
_ITEMS: Final = (
    "a bedside lamp", "a smart plug", "a garden light", "a door sensor", "two light switches", "a water sensor", "a video doorbell",
    "a ceiling light", "a window sensor", "a reading lamp", "a music speaker", "a smoke alarm",
)  # fmt: skip
_STREETS: Final = (
    "Maple Street", "Station Road", "River Road", "Church Street", "Park Avenue", "High Street", "King Street", "Lake Road",
    "Forest Road", "Bridge Street", "School Lane", "Green Street", "Market Square", "Victoria Road", "Spring Street", "Castle Street",
)  # fmt: skip
_TOWNS: Final = ("Riverside", "Newport", "Springfield", "Westfield", "Bridgewater")
_DEVICES: Final = (
    ("hub", "red"),
    ("lamp", "red"),
    ("lock", "red"),
    ("hub", "amber"),
    ("hub", "green"),
    ("lamp", "amber"),
    ("lamp", "white"),
)
_AREAS: Final = ("Northgate", "the harbour", "the old town", "Westside", "the university quarter")
_FAULTS: Final = (
    ("hub connections", "Hubs in {area} cannot reach our service at the moment."),
    ("app sign-in", "Signing in to the app fails in {area} at the moment."),
    ("remote control", "Remote control of lamps and locks is down in {area}."),
)
_PURPOSES: Final = ("installation", "repair", "inspection")
_CARDS: Final = ("4242424242424242", "5555555555554444")
_FIRST_DAY: Final = 2
_LAST_DAY: Final = 26


def cases(scenarios: Sequence[Scenario], count: int, *, seed: int, purpose: Purpose, today: date) -> list[Case]:
    """``count`` calls of each, one scenario after the other in turn, so that half a run is half of each."""
    chance = random.Random(f"{purpose} {seed}")
    made = _Facts(chance, today)
    found = []
    for index in range(count):
        for order, scenario in enumerate(scenarios):
            voices = VOICES[purpose]
            voice = voices[(index + order) % len(voices)]
            own = f"{purpose} {seed} {scenario.value} {index}"
            by_person = random.Random(own).choice(PEOPLE[purpose]) if voice in _MEN and index % 3 == 2 else ""
            found.append(Case(scenario, index, own, voice, made.phone(), made.of(scenario, index), by_person))
    return found


class _Facts:
    """Draws what nobody else has."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self._chance = chance
        self._today = today
        self._orders = iter(chance.sample(range(10_000, 100_000), 5_000))
        self._phones = iter(chance.sample(range(5_560_000, 6_000_000), 5_000))
        self._postcodes = iter(chance.sample(range(41_000, 50_000), 2_000))
        self._visits = _visits(chance, today)

    def phone(self) -> str:
        return str(next(self._phones))

    def of(self, scenario: Scenario, index: int) -> dict[str, str]:
        chance = self._chance
        match scenario:
            case Scenario.ORDER_STATUS:
                status = ("shipped", "processing", "delivered", "shipped", "cancelled")[index % 5]
                expected = (
                    (self._today + timedelta(days=chance.randrange(1, 12))).isoformat() if status in ("shipped", "processing") else ""
                )
                return self._order(status, 9, 200) | {"expected": expected}
            case Scenario.REFUND:
                return self._order("delivered", 9, 100)
            case Scenario.REFUND_OVER_LIMIT:
                return self._order("delivered", 101, 400)
            case Scenario.ADDRESS_CHANGE:
                return self._order("processing", 9, 200) | {"postcode": self._postcode(), "street": self._street(whole=index % 2 == 1)}
            case Scenario.OUTAGE:
                service, message = chance.choice(_FAULTS)
                back = f"{self._today.isoformat()}T{chance.randrange(18, 24)}:{chance.choice(('00', '30'))}" if index % 3 else ""
                area = chance.choice(_AREAS)
                told = {"area": area, "service": service, "message": message.format(area=area), "back": back}
                return told | {"postcode": self._postcode(), "callback": "yes" if index % 2 else "no"}
            case Scenario.DEVICE_HELP:
                device, light = _DEVICES[index % len(_DEVICES)]
                return {"device": device, "light": light, "pattern": "flashing"}
            case Scenario.APPOINTMENT:
                wish = ("book", "move")[index % 2]
                booked = {"booked": next(self._visits)} if wish == "move" else {}
                return {"wish": wish, "at": next(self._visits), "purpose": _PURPOSES[index // 2 % len(_PURPOSES)], **booked}
            case Scenario.PAYMENT:
                return self._order(("processing", "shipped")[index % 2], 9, 300) | self._card(index)
            case _:
                return {}

    def _order(self, status: str, least: int, most: int) -> dict[str, str]:
        cents = self._chance.choice(("00", "50", "90", "95"))
        total = f"{self._chance.randrange(least, most)}.{cents}"
        return {"order": str(next(self._orders)), "status": status, "total": total, "item": self._chance.choice(_ITEMS)}

    def _postcode(self) -> str:
        return str(next(self._postcodes))

    def _street(self, *, whole: bool) -> str:
        """ "17 Maple Street", perhaps with town and postcode."""
        street = f"{self._chance.randrange(2, 99)} {self._chance.choice(_STREETS)}"
        return f"{street}, {self._chance.choice(_TOWNS)}, {self._postcode()}" if whole else street

    def _card(self, index: int) -> dict[str, str]:
        year = (self._today.year + self._chance.randrange(1, 5)) % 100
        card = _CARDS[index % len(_CARDS)] if index < len(_CARDS) else _luhn(f"4{self._chance.randrange(10**14):014}")
        return {"card": card, "expiry": f"{self._chance.randrange(1, 13):02}{year:02}", "cvc": f"{self._chance.randrange(100, 1000)}"}


def _luhn(digits: str) -> str:
    """With its check digit (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits))]
    return digits + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


def _visits(chance: random.Random, today: date) -> Iterator[str]:
    """Times of visits that nobody has, in any order. The demo's own visits are within a week at nine and eleven."""
    times = [
        datetime.combine(day, at)
        for day in (today + timedelta(days=ahead) for ahead in range(_FIRST_DAY, _LAST_DAY))
        for at in visits_of(day)
        if (day - today).days > 7 or at.hour > 11
    ]
    chance.shuffle(times)
    return iter([at.isoformat(timespec="minutes") for at in times])

"""Which reader belongs to which kind of slot."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from agents.nlu.slots.addresses import AddressReader
from agents.nlu.slots.amounts import AmountReader
from agents.nlu.slots.choices import ChoiceReader
from agents.nlu.slots.codes_reader import CodeReader
from agents.nlu.slots.counts import NumberReader
from agents.nlu.slots.dates import DateReader
from agents.nlu.slots.datetimes import DateTimeReader
from agents.nlu.slots.digits_reader import DigitsReader
from agents.nlu.slots.emails import EmailReader
from agents.nlu.slots.free_text import TextReader
from agents.nlu.slots.names import NameReader
from agents.nlu.slots.part import SlotPart
from agents.nlu.slots.phones import PhoneReader
from agents.nlu.slots.reader import SlotReader
from agents.nlu.slots.times import TimeReader
from agents.nlu.slots.yes_no import YesNoReader

_READERS: Final[Mapping[str, Callable[[Any], SlotReader]]] = {
    "digits": DigitsReader,
    "code": CodeReader,
    "amount": AmountReader,
    "date": DateReader,
    "time": TimeReader,
    "datetime": DateTimeReader,
    "number": NumberReader,
    "yes_no": YesNoReader,
    "name": NameReader,
    "email": EmailReader,
    "phone": PhoneReader,
    "address": AddressReader,
    "choice": ChoiceReader,
    "text": TextReader,
}


def slot_reader(part: SlotPart) -> SlotReader:
    """The reader of one slot; make it once per flow, it keeps nothing of a call."""
    return _READERS[part.kind](part)

"""Values in what callers say: digits, codes, amounts, dates, names. One reader per slot of a flow."""

from agents.nlu.slots.making import slot_reader
from agents.nlu.slots.part import SlotPart
from agents.nlu.slots.reader import Reading, SlotContext, SlotReader, Verdict

__all__ = ["Reading", "SlotContext", "SlotPart", "SlotReader", "Verdict", "slot_reader"]

"""From samples to what the judge is told: with and without what a flow would grasp."""

from datetime import UTC, datetime

import numpy as np

from agents.audio import RATE, Pcm
from agents.endpointing.evidence import Evidence, Grasp
from agents.flows.dialogue import Dialogue
from agents.flows.state import State
from agents.library import load_agent
from agents.nlu.slots import SlotContext, slot_reader
from agents.nlu.slots.part import DigitsSlot
from tests.bench.endpointing.material import Half, Sample, audio_of
from tests.bench.endpointing.places import levels

_AGENT = load_agent("front-desk")
_LONG_NUMBER = slot_reader(DigitsSlot(kind="digits", shortest=6, longest=15))
_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_ASKED = {"open": "How can I help you?", "yes_no": "Is that right?", "digits": "What is the number?"}


def grasp(sample: Sample) -> Grasp:
    """What the front desk makes of the words, at the question that they answer."""
    if sample.expected == "open":
        return _at("main", sample.heard)
    if sample.expected == "yes_no":
        return _at("anything_else", sample.heard)
    if sample.longest == 1:
        return Grasp.COMPLETE if sample.heard else Grasp.UNKNOWN
    if sample.longest == 5:
        return _at("order_number", sample.heard)
    number = _LONG_NUMBER.hear(sample.heard, SlotContext(_NOW))
    if number is not None and number.verdict == "partial":
        return Grasp.PARTIAL
    return Grasp.COMPLETE if number is not None and len(number.value) == sample.longest else Grasp.UNKNOWN


def _at(node: str, heard: str) -> Grasp:
    return Dialogue(_AGENT, State(node=node)).grasp(heard)


def evidence(half: Half, sample: Sample, grasped: Grasp) -> Evidence:
    pcm = audio_of(half, sample)
    return Evidence(sample.heard, pcm, voiced_s(pcm), grasped, sample.asked_for, _ASKED[sample.expected])


def voiced_s(pcm: Pcm) -> float:
    if len(pcm) < RATE // 20:
        return 0.0
    level = levels(pcm)
    return float((level > np.percentile(level, 95) - 25).sum()) / 100

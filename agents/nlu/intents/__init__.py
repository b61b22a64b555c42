"""Intents from a handful of examples each: trained in memory when an agent is loaded, with confidence that can be believed."""

from agents.nlu.intents.model import Guess, IntentModel

__all__ = ["Guess", "IntentModel"]

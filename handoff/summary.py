"""A call in at most 60 words: from its facts, or by a language model whose every claim is checked. Only what is in the transcript."""

from handoff.model_summary import Completer, ModelOnce, summarise_with
from handoff.summary_facts import MOST_WORDS, summarise

__all__ = ["MOST_WORDS", "Completer", "ModelOnce", "summarise", "summarise_with"]

"""One conversation: the loop that joins line, turn taking, recogniser, dialogue, voice, tools and language models."""

from agents.conversation.loop import Conversation, Resume

__all__ = ["Conversation", "Resume"]

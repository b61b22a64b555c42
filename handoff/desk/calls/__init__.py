"""Call history: search, one call with its transcript, card, recording and decisions, export."""

"""Text to speech: one protocol, one small file per provider."""

"""What the sound of the caller's voice says: features on telephone audio, the caller's own usual, and the judgement of both."""

"""The mind: hears frames, answers with frames. Knows nothing of Asterisk, SIP or SQL."""

"""Speech to text: one protocol, one small file per provider."""

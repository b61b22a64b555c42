"""Samples as a WAV file in memory, for services that take files."""

import io
import wave

from agents.audio import RATE, Pcm


def wav_bytes(pcm: Pcm) -> bytes:
    """16 kHz, mono, signed 16-bit."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm.astype("<i2").tobytes())
    return buffer.getvalue()

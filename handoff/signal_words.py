"""How the signals behind a mood and behind a rule are said: by the names that the parts which find them give them."""

from typing import Final

from handoff.card_words import Words, words_for
from handoff.emotion_words import LABELS

_GROUPS: Final[dict[str, Words]] = {
    "en": {"voice": "voice", "words": "words", "behaviour": "behaviour", "concern": "concern", "fact": "customer", "queue": "queue"},
    "es": {"voice": "la voz", "words": "lo que dice", "behaviour": "lo que hace", "concern": "asunto", "fact": "cliente", "queue": "cola"},
}
_BARE: Final = frozenset({"emotion", "events", "call", "hours"})
"""First parts of names that say nothing by themselves."""

_VOICE: Final[dict[str, Words]] = {
    "en": {
        "pitch": "pitch of the voice",
        "level": "loudness",
        "attack": "hard onsets",
        "syllable": "speed of talking",
        "articulation": "speed of talking",
        "pause": "pauses",
        "voiced": "length of voiced parts",
        **dict.fromkeys(("alpha", "hammarberg", "slope", "centroid", "flux", "band"), "sharpness of the voice"),
        **dict.fromkeys(("harmonicity", "jitter", "shimmer"), "roughness of the voice"),
        "arousal": "liveliness of the voice",
        "valence": "tone of the voice",
        "anger": "anger in the voice",
    },
    "es": {
        "pitch": "tono de la voz",
        "level": "volumen de la voz",
        "attack": "ataques bruscos",
        "syllable": "velocidad al hablar",
        "articulation": "velocidad al hablar",
        "pause": "pausas",
        "voiced": "duración de las partes sonoras",
        **dict.fromkeys(("alpha", "hammarberg", "slope", "centroid", "flux", "band"), "estridencia de la voz"),
        **dict.fromkeys(("harmonicity", "jitter", "shimmer"), "aspereza de la voz"),
        "arousal": "agitación de la voz",
        "valence": "tono de la voz",
        "anger": "enfado en la voz",
    },
}
"""By the first word of a feature's name."""

_SIGNALS: Final[dict[str, Words]] = {
    "en": {
        "words.frustrated": "words of frustration",
        "words.confused": "words of confusion",
        "words.urgent": "words of urgency",
        "words.satisfied": "words of satisfaction",
        "words.unclear": "badly understood",
        "behaviour.interruptions": "interrupts",
        "behaviour.repeats": "asks the same again",
        "behaviour.misses": "was not understood",
        "behaviour.setbacks": "did not get what they asked for",
        "behaviour.silences": "long silences",
        "behaviour.tool_errors": "a system failed",
        "behaviour.waited_s": "had to wait",
        "asks_person": "asks for a person",
        "cancels": "wants to cancel",
        "legal_threat": "speaks of legal steps",
        "emergency": "speaks of an emergency",
        "vulnerable": "may need particular care",
        "complaint": "makes a complaint",
        "callback": "wants to be called back",
        "events.no_input": "times without an answer",
        "events.no_match": "times not understood",
        "events.tool_error": "failures of a system",
        "events.recognition_failed": "failures to hear",
        "events.setback": "setbacks",
        "events.interruption": "interruptions",
        "events.silence": "silences",
        "events.failure": "failures",
        "call.seconds": "seconds in the call",
        "hours.open": "open now",
        "emotion.method": "way of judging",
        "emotion.besides_voice": "signs besides the voice",
    },
    "es": {
        "words.frustrated": "palabras de frustración",
        "words.confused": "palabras de confusión",
        "words.urgent": "palabras de urgencia",
        "words.satisfied": "palabras de satisfacción",
        "words.unclear": "mal entendido",
        "behaviour.interruptions": "interrumpe",
        "behaviour.repeats": "pide lo mismo otra vez",
        "behaviour.misses": "no se le entendió",
        "behaviour.setbacks": "no consiguió lo que pedía",
        "behaviour.silences": "silencios largos",
        "behaviour.tool_errors": "falló un sistema",
        "behaviour.waited_s": "tuvo que esperar",
        "asks_person": "pide hablar con una persona",
        "cancels": "quiere darse de baja",
        "legal_threat": "habla de acciones legales",
        "emergency": "habla de una emergencia",
        "vulnerable": "puede necesitar un trato cuidadoso",
        "complaint": "presenta una queja",
        "callback": "quiere que le llamen",
        "events.no_input": "veces sin respuesta",
        "events.no_match": "veces sin entenderse",
        "events.tool_error": "fallos de un sistema",
        "events.recognition_failed": "fallos al escuchar",
        "events.setback": "contratiempos",
        "events.interruption": "interrupciones",
        "events.silence": "silencios",
        "events.failure": "fallos",
        "call.seconds": "segundos de llamada",
        "hours.open": "abierto ahora",
        "emotion.method": "forma de valorar",
        "emotion.besides_voice": "señales aparte de la voz",
    },
}
_FRAMES: Final[dict[str, Words]] = {
    "en": {
        ".said": "{signal} in this turn",
        ".on": "{signal}, holding",
        ".held_s": "{signal}, seconds held",
        ".confidence": "{signal}, confidence",
        ".per_min": "{signal}, rise in a minute",
        ".known": "{signal} known",
        "above": "{signal} above usual",
        "below": "{signal} below usual",
    },
    "es": {
        ".said": "{signal} en este turno",
        ".on": "{signal}, presente",
        ".held_s": "{signal}, segundos seguidos",
        ".confidence": "{signal}, certeza",
        ".per_min": "{signal}, subida por minuto",
        ".known": "{signal} conocido",
        "above": "{signal} por encima de lo habitual",
        "below": "{signal} por debajo de lo habitual",
    },
}
"""What is said of a signal, by the ending of a name; ``above`` and ``below`` the usual."""
_ENDINGS: Final = tuple(name for name in _FRAMES["en"] if name.startswith("."))


def signal_in_words(signal: str, language: str = "en") -> str:
    """``emotion.frustrated`` is "frustrated". Of one without words of its own: its name in English, what kind it is in other languages."""
    known = words_for(_SIGNALS, language)
    if signal in known:
        return known[signal]
    for ending in _ENDINGS:
        if signal.endswith(ending) and len(signal) > len(ending):
            return words_for(_FRAMES, language)[ending].format(signal=signal_in_words(signal.removesuffix(ending), language))
    group, _, rest = signal.partition(".")
    if not rest:
        return words_for(LABELS, language).get(signal) or _plain(signal)
    if group in _BARE or (group == "concern" and rest in known):
        return signal_in_words(rest, language)
    if group == "voice":
        return words_for(_VOICE, language).get(rest.split("_")[0]) or words_for(_GROUPS, language)["voice"]
    named = words_for(_GROUPS, language).get(group, _plain(group))
    return named if _is_translated(language) and group in ("words", "behaviour") else f"{named}: {_plain(rest)}"


def reason_in_words(signal: str, value: float | None, usual: float | None, language: str = "en") -> str:
    """Of the voice also which way it is off the caller's usual."""
    words = signal_in_words(signal, language)
    if value is None or usual is None or value == usual or not signal.startswith("voice."):
        return words
    return words_for(_FRAMES, language)["above" if value > usual else "below"].format(signal=words)


def _is_translated(language: str) -> bool:
    code = language.lower().split("-")[0]
    return code != "en" and code in _SIGNALS


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(".", " ").strip()

"""What the caller wants: exact phrases first, then the classifier that was trained on examples."""

from collections.abc import Collection, Iterable
from typing import Final

from agents.flows.engine.scene import Scene
from agents.flows.engine.turns_of_speech import turns_of_speech
from agents.flows.intents import best_intent
from agents.flows.words import normalise
from agents.nlu.slots.language import language_of

MOST_WORDS: Final = 60
"""Of a longer speech only so many words from its beginning and from its end are matched: there the wish is said."""
LIKELY: Final = 0.5
"""Below this a guess is rather wrong than right, and being asked again costs a caller less than being led astray."""
WHOLE: Final = 0.7
"""From here on a guess tells that a request is whole. The caller who goes on is cut short by a wrong one."""
LEAST_WISH: Final = 2
"""Words behind a yes or no in which a wish is looked for."""
SHORT_ANSWER: Final = 4
"""Words of an answer at most in which a yes or no of any form is believed: "I don't think so", but not "the weather has been fine"."""


def everywhere_intents(scene: Scene) -> list[str]:
    """Those that are obeyed at any question; earlier ones win a tie."""
    everywhere = scene.everywhere
    optional = (everywhere.back, everywhere.start_over, everywhere.help)
    commands = [everywhere.person, everywhere.repeat, everywhere.goodbye, *(name for name in optional if name)]
    return [*commands, *scene.agent.digressions]


def phrase_intent(scene: Scene, text: str, own: Iterable[str]) -> str:
    """The intent whose phrases fit ``text``, among ``own`` and those that work everywhere; empty: none."""
    return best_intent(shortened(text), scene.agent.compiled, [*own, *everywhere_intents(scene)]) or ""


def own_phrase(scene: Scene, text: str, own: Iterable[str]) -> str:
    """The same among ``own`` alone."""
    return best_intent(shortened(text), scene.agent.compiled, list(own)) or ""


def guessed_intent(scene: Scene, text: str, own: Iterable[str], *, everywhere: bool = True, least: float = LIKELY) -> str:
    """What the classifier makes of a sentence that fits no phrase; empty: out of scope, or less sure of it than ``least``."""
    model = scene.agent.intent_model
    if model is None or not text.strip():
        return ""
    candidates = {*own, *(everywhere_intents(scene) if everywhere else ())}
    among = [name for name in candidates if scene.agent.intents[name].examples]
    guess = model.best(shortened(text), among) if among else None
    return guess.name if guess and guess.confidence >= least else ""


def whole_request(scene: Scene, text: str, own: Iterable[str], *, everywhere: bool = True) -> str:
    """What the classifier makes of words after which the caller may go on; empty: nothing sure, or they break off in mid-sentence."""
    words = normalise(text)
    if not words or words[-1] in language_of(scene.context.language).dangling:
        return ""
    return guessed_intent(scene, text, own, everywhere=everywhere, least=WHOLE)


def shortened(text: str) -> str:
    """Beginning and end of a long speech."""
    words = text.split()
    return text if len(words) <= 2 * MOST_WORDS else " ".join((*words[:MOST_WORDS], *words[-MOST_WORDS:]))


def agrees(scene: Scene, text: str, intent: str) -> str:
    """``yes`` or ``no`` of the agent when ``text`` says so in one of the many forms that no phrase lists; else ``intent``."""
    if intent or not 0 < len(text.split()) <= SHORT_ANSWER:
        return intent
    reading = scene.agent.agreement.hear(text, scene.context)
    if reading is None or reading.verdict != "complete":
        return ""
    return scene.everywhere.yes if reading.value == "yes" else scene.everywhere.no


def wish_behind(scene: Scene, text: str, reply: str, own: Iterable[str]) -> str:
    """The wish behind a ``reply`` such as yes ("yes, I'd like a refund"); ``reply`` when there is none, and when it is none."""
    everywhere, intents = scene.everywhere, scene.agent.intents

    def replies(name: str) -> bool:
        return name in (everywhere.yes, everywhere.no) or intents[name].replies

    if not reply or not replies(reply):
        return reply
    rest = normalise(text)
    while rest and own_phrase(scene, " ".join(rest), [reply]):
        rest = rest[1:]
    if len(rest) < LEAST_WISH or not turns_of_speech(scene.language).denies.isdisjoint(rest):
        return reply
    wishes = [name for name in (*own, *scene.agent.digressions) if not replies(name)]
    behind = " ".join(rest)
    return own_phrase(scene, behind, wishes) or guessed_intent(scene, behind, wishes, everywhere=False) or reply


def two_requests(scene: Scene, text: str, own: Collection[str]) -> tuple[str, str]:
    """The first and the second wish of a sentence that carries two; two empty ones otherwise."""
    wishes = [name for name in own if not scene.agent.intents[name].replies and name not in (scene.everywhere.yes, scene.everywhere.no)]
    pieces = [piece for piece in turns_of_speech(scene.language).joint.split(shortened(text)) if len(normalise(piece)) >= 2]
    if len(pieces) < 2 or len(wishes) < 2:
        return "", ""
    found = [
        name for piece in pieces if (name := own_phrase(scene, piece, wishes) or guessed_intent(scene, piece, wishes, everywhere=False))
    ]
    different = list(dict.fromkeys(found))
    return (different[0], different[1]) if len(different) > 1 else ("", "")

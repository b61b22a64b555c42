"""A caller with a goal: hears what the agent says, answers what it asks, corrects what it gets wrong. Pure; sound is elsewhere.

It knows its own facts and how people talk, nothing of the agent's flows: what it does follows from the question alone.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from tests.bench.scenarios.case import Case, Scenario
from tests.bench.scenarios.heard import alike, heard_digits, like_address, says_digits
from tests.bench.scenarios.moves import Leave, Move, Press, PressCode, Speak
from tests.bench.scenarios.questions import Question, Topic, question
from tests.bench.scenarios.visits import Offer, offer
from tests.bench.scenarios.wordings import Wordings, fill

PATIENCE: Final = 5
"""The same question so often, and the caller gives up."""
MOST_MOVES: Final = 32
MOST_WISHES: Final = 4
"""Times that the caller says what they want."""
_MOST_GOODBYES: Final = 2
_LISTEN_S: Final = 4.0
_ACHIEVED: Final[Mapping[Scenario, str]] = {
    Scenario.ORDER_STATUS: r"on its way|being prepared|delivered|cancel+ed",
    Scenario.REFUND: r"have refunded|refunded .*number",
    Scenario.ADDRESS_CHANGE: r"now goes|goes to|has been changed|have changed",
    Scenario.OUTAGE: r"at the moment|is down|should be back|nobody can say|will call you",
    Scenario.DEVICE_HELP: r"glad to hear|glad that",
    Scenario.PASSWORD_RESET: r"the link|link for",
    Scenario.APPOINTMENT: r"visit is (booked|now|moved)|is booked|have (booked|moved)|visits? (is )?now on",
    Scenario.PAYMENT: r"is paid|has been paid|payment has",
}
"""What the caller takes for success, of all that the agent has said."""
_TO_A_PERSON: Final = (Scenario.REFUND_OVER_LIMIT, Scenario.ANGRY)
_VALUES: Final = {Topic.ORDER: "order", Topic.POSTCODE: "postcode", Topic.PHONE: "phone", Topic.ADDRESS: "street"}


class Caller:
    """``hear`` with each stretch of the agent's words, ``silence`` when nothing comes: the caller's move, or None to listen on."""

    def __init__(self, case: Case, wordings: Wordings, today: date) -> None:
        self.case = case
        self.belief = False
        """The caller thinks that they have got what they wanted."""
        self._wordings = wordings
        self._today = today
        self._chance = random.Random(case.seed)
        self._now = ""
        self._all = ""
        self._asked: Counter[Topic] = Counter()
        self._moves = self._wishes = self._silences = self._pardons = self._goodbyes = 0
        self._value = ""
        """The fact that was given last, and may be read back."""
        self._held = False

    def hear(self, text: str) -> Move | None:
        """Words since the last call of this; several stretches add up until the caller does something."""
        if self._held or not text.strip():
            return None
        self._silences = 0
        self._now = f"{self._now} {text}".strip()
        self._all = f"{self._all} {text}"
        pattern = _ACHIEVED.get(self.case.scenario)
        self.belief = self.belief or (pattern is not None and re.search(pattern, self._all.lower()) is not None)
        asked = question(self._now)
        return None if asked is None else self._moved(self._answer(asked))

    def silence(self) -> Move | None:
        """The agent has been silent for long: it may not have heard."""
        if self._held or self.case.scenario is Scenario.SILENCE:
            return None
        self._silences += 1
        if self._silences > 3:
            return Leave("the agent fell silent")
        if not self._moves:
            return self._moved(self._wish())
        return self._moved(self._say("hello") if self._silences == 2 else self._wish() if not self._value else self._give(self._value))

    def _moved(self, move: Move | None) -> Move | None:
        if move is None:
            return None
        self._now = ""
        self._moves += 1
        return Leave("going in circles") if self._moves > MOST_MOVES and not isinstance(move, Leave) else move

    def _answer(self, asked: Question) -> Move | None:
        self._asked[asked.topic] += 1
        if asked.topic is Topic.HOLD:
            self._held = True
            return Leave("put through", _LISTEN_S)
        if asked.topic is Topic.FAREWELL:
            return Leave("farewell", _LISTEN_S)
        if self.case.scenario is Scenario.SILENCE:
            return None
        if self._asked[asked.topic] > PATIENCE and asked.topic not in (Topic.READ_BACK, Topic.VISIT_OFFER):
            return Leave(f"asked too often: {asked.topic.value}")
        if self.case.scenario is Scenario.LANGUAGE and asked.topic is not Topic.REQUEST:
            return Press("2" if asked.topic is Topic.WHICH_LANGUAGE else "0")
        if self.case.scenario is Scenario.ANGRY and asked.topic not in (Topic.REQUEST, Topic.PERSON_OFFERED):
            return self._say("person")
        return self._reply(asked)

    def _reply(self, asked: Question) -> Move | None:
        match asked.topic:
            case Topic.REQUEST:
                return self._goodbye() if self.belief else self._chosen(asked) or self._wish()
            case Topic.ANYTHING_ELSE:
                return self._goodbye() if self.belief or self.case.scenario is Scenario.WRONG_NUMBER else self._wish()
            case Topic.READ_BACK:
                return self._checked(asked)
            case Topic.MORE_DIGITS:
                return self._rest(asked)
            case Topic.ORDER | Topic.DIGITS | Topic.POSTCODE | Topic.PHONE | Topic.ADDRESS | Topic.SAY_AGAIN:
                return self._give(self._meant(asked), asked)
            case Topic.CODE:
                return PressCode()
            case Topic.CARD | Topic.EXPIRY | Topic.SECURITY_CODE:
                return self._card(asked.topic)
            case Topic.PERSON_OFFERED:
                return self._yes(asked) if self.case.scenario in _TO_A_PERSON else self._no(asked)
            case Topic.CALL_WHEN_BACK:
                return self._yes(asked) if self.case.facts.get("callback") == "yes" else self._no(asked)
            case Topic.LOOK_TOGETHER | Topic.CALLBACK_OFFERED | Topic.REFUND_OTHER:
                return self._no(asked)
            case Topic.WANT_US:
                return self._no(asked, "not_you") if self.case.scenario is Scenario.WRONG_NUMBER else self._yes(asked)
            case Topic.OWN_PHONE | Topic.REFUND | Topic.PAY_NOW | Topic.ADVICE:
                return self._yes(asked)
            case Topic.HELPED:
                return self._yes(asked, "worked")
            case Topic.STILL_THERE:
                return self._say("hello")
            case Topic.VISIT_WANTED:
                return self._menu(asked, self.case.facts.get("wish", "book"), self.case.facts.get("wish", "book"))
            case Topic.VISIT_OFFER | Topic.VISIT_CHOICE:
                return self._offered(asked)
            case _:
                return self._told(asked)

    def _told(self, asked: Question) -> Move | None:
        """A fact that is no number."""
        if asked.topic is Topic.DEVICE and self.case.scenario is Scenario.OUTAGE:
            return self._say("everything")
        name = _FACTS.get(asked.topic)
        if name is None or _NEEDED.get(name, name) not in self.case.facts:
            return self._lost()
        if name == "day" and self._chance.random() < 0.5:
            name = "day_and_time"
        return self._menu(asked, self.case.facts.get(name, ""), name)

    def _chosen(self, asked: Question) -> Move | None:
        """The key for what the caller wants, where a menu names it."""
        word = _IN_A_MENU.get(self.case.scenario, "")
        keys = [key for key, words in asked.menu().items() if word and word in words]
        return Press(keys[0]) if keys else None

    def _wish(self) -> Move:
        self._wishes += 1
        if self._wishes > MOST_WISHES:
            return Leave("not understood")
        if self.case.scenario is Scenario.ANGRY and self._wishes > 2:
            return self._say("person")
        return self._speak(self._wordings.opening(self.case, self._wishes - 1, self._chance))

    def _meant(self, asked: Question) -> str:
        """The fact that is asked for; "the five digits" alone are those of the fact spoken of before."""
        if asked.topic in _VALUES:
            return _VALUES[asked.topic]
        low = asked.text.lower()
        spoken_of = [name for name, word in (("postcode", "post"), ("order", "order"), ("phone", "phone number")) if word in low]
        return next((name for name in spoken_of if name in self.case.facts), self._value or "order")

    def _give(self, name: str, asked: Question | None = None) -> Move:
        known = name == "phone" or name in self.case.facts
        if not known:
            return self._lost()
        again = self._value == name
        self._value = name
        if asked is not None and asked.by_keys and name != "street" and not re.search(r"say or (enter|key)", asked.text.lower()):
            digits = self.case.phone if name == "phone" else self.case.facts[name]
            return Press(digits + ("#" if "hash" in asked.text.lower() else ""))
        return self._say(name, plainly=again)

    def _checked(self, asked: Question) -> Move | None:
        """A read-back: of the value that was given last, or of something said at the beginning."""
        name = self._value or "order"
        if name == "street":
            right = like_address(asked.text, self.case.facts.get("street", "0 x"))
            return self._yes(asked, "right") if right else self._no(asked, "wrong_address")
        wanted = self.case.phone if name == "phone" else self.case.facts.get(name, "")
        heard = heard_digits(asked.text, wanted)
        if not wanted or says_digits(asked.text, wanted):
            return self._yes(asked, "right")
        if not heard or (len(heard) != len(wanted) and alike(heard, wanted) > 0.6):
            self._pardons += 1
            if self._pardons % 3:
                return self._say("pardon")
        if asked.by_keys:
            return Press("2")
        self._pardons = 0
        self._value = name
        return self._corrects(wanted)

    def _corrects(self, wanted: str) -> Move:
        return self._digits(self._one_of("wrong_number_read"), wanted)

    def _digits(self, template: str, right: str) -> Move:
        case = replace(self.case, facts={**self.case.facts, "right": right})
        return Speak(fill(template, case, self._chance, self._today, plainly=True))

    def _rest(self, asked: Question) -> Move:
        name = self._value or "order"
        wanted = self.case.phone if name == "phone" else self.case.facts.get(name, "")
        heard = heard_digits(asked.text, wanted) or ""
        if not wanted or not heard or not wanted.startswith(heard) or heard == wanted:
            return self._give(name)
        return self._digits("{right}.", wanted[len(heard) :])

    def _offered(self, asked: Question) -> Move | None:
        """Days and times: those that the caller came for, or others."""
        if "at" not in self.case.facts:
            return self._lost()
        match offer(asked.text, self.case.facts.get("at", "")):
            case Offer.FITS:
                return self._yes(asked)
            case Offer.OTHER_TIME:
                return Press("2") if asked.by_keys else self._say("other_time")
            case _:
                return Press("2") if asked.by_keys else self._say("other_day")

    def _card(self, topic: Topic) -> Move:
        facts = self.case.facts
        if "card" not in facts:
            return self._lost()
        keys = {Topic.CARD: f"{facts['card']}#", Topic.EXPIRY: facts["expiry"], Topic.SECURITY_CODE: f"{facts['cvc']}#"}[topic]
        return Press(keys, secret=True)

    def _menu(self, asked: Question, wanted: str, kind: str) -> Move:
        """By key when keys are offered with their meanings."""
        for key, words in asked.menu().items():
            if asked.by_keys and wanted and wanted in words:
                return Press(key)
        return self._say(kind)

    def _yes(self, asked: Question, kind: str = "agree") -> Move:
        return Press("1") if self._two_keys(asked) else self._say(kind)

    def _no(self, asked: Question, kind: str = "decline") -> Move:
        return Press("2") if self._two_keys(asked) else self._say(kind)

    def _two_keys(self, asked: Question) -> bool:
        return asked.by_keys and re.search(r"press(ing)? (one|1)\b", asked.sentence.lower()) is not None

    def _goodbye(self) -> Move:
        """Nothing more is wanted; who is not understood then just hangs up."""
        self._goodbyes += 1
        return self._say("done") if self._goodbyes <= _MOST_GOODBYES else Leave("done")

    def _lost(self) -> Move:
        """A question that this caller has no answer to."""
        if self.belief:
            return self._goodbye()
        self._pardons += 1
        return self._say("pardon") if self._pardons < 3 else self._wish()

    def _say(self, kind: str, *, plainly: bool = False) -> Move:
        return self._speak(self._one_of(kind), plainly=plainly)

    def _speak(self, template: str, *, plainly: bool = False) -> Move:
        return Speak(fill(template, self.case, self._chance, self._today, plainly=plainly))

    def _one_of(self, kind: str) -> str:
        return self._chance.choice(self._wordings.answers[kind])


_IN_A_MENU: Final[Mapping[Scenario, str]] = {
    Scenario.ORDER_STATUS: "order",
    Scenario.REFUND: "refund",
    Scenario.REFUND_OVER_LIMIT: "refund",
    Scenario.ADDRESS_CHANGE: "address",
    Scenario.OUTAGE: "outage",
    Scenario.DEVICE_HELP: "device",
    Scenario.PASSWORD_RESET: "password",
    Scenario.APPOINTMENT: "visit",
    Scenario.PAYMENT: "pay",
    Scenario.ANGRY: "person",
}
_FACTS: Final[Mapping[Topic, str]] = {
    Topic.DEVICE: "device",
    Topic.LIGHT: "light",
    Topic.PATTERN: "pattern",
    Topic.REFUND_AMOUNT: "total",
    Topic.REASON: "reason",
    Topic.VISIT_DAY: "day",
    Topic.VISIT_TIME: "time",
    Topic.VISIT_ABOUT: "purpose",
}
"""Kind of answer to a question."""
_NEEDED: Final[Mapping[str, str]] = {"day": "at", "time": "at", "reason": "order"}
"""The fact without which there is no answer, where it has another name."""

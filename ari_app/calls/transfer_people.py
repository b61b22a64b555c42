"""The people's side of a warm transfer: whoever picked up hears in private what it is about, and says whether they take the caller."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping

from agents.conversation.company import answer_of
from agents.transcript import JsonValue, Outcome, Turn
from ari_app.ari.errors import AriError, Gone
from ari_app.calls.conversations import Company
from ari_app.calls.record import CallRecord
from ari_app.calls.side_leg import SideLeg, SideLegFailed
from ari_app.calls.transfer_company import Spawn
from ari_app.calls.transfer_deps import TransferDeps
from ari_app.calls.transfer_names import Place
from handoff.briefing import spoken_brief
from handoff.introduction import introduction
from handoff.transfer_steps import BriefAnswered, BriefEnded, ConsultFailed, ConsultReady, IntroduceDone, MemberTold, TransferEvent

log = logging.getLogger(__name__)

_TOLD_S = 6.0
"""For a person to hear why the call is taken away from them."""


class People:
    """Each by the number of the attempt that reached them. ``post`` is told what came of it, ``spawn`` owns the tasks."""

    def __init__(self, record: CallRecord, deps: TransferDeps, bridge_id: str, post: Callable[[TransferEvent], None], spawn: Spawn) -> None:
        """``bridge_id``: the caller's own bridge."""
        self._record = record
        self._deps = deps
        self._bridge_id = bridge_id
        self._post = post
        self._spawn = spawn
        self._legs: dict[int, SideLeg] = {}
        self._building: dict[int, asyncio.Task[None]] = {}
        self._briefings: dict[int, asyncio.Task[None]] = {}
        self._talks: dict[int, Company] = {}
        self._early: dict[int, list[str]] = {}
        """Keys of who pressed one before there was a line to them: whoever knows the way does not wait for the brief."""
        self._introduced: set[int] = set()
        """Attempts in whose bridge the caller is."""

    # What happens

    def leg_entered(self, attempt: int) -> None:
        if (leg := self._legs.get(attempt)) is not None:
            leg.entered()

    def leg_gone(self, attempt: int) -> None:
        if attempt in self._legs:
            self._post(ConsultFailed(attempt, "the media leg is gone"))

    def digit(self, attempt: int, digit: str) -> None:
        leg = self._legs.get(attempt)
        if leg is None or (attempt in self._building and not self._building[attempt].done()):
            self._early.setdefault(attempt, []).append(digit)
        elif leg.line is not None:
            leg.line.digit(digit)

    # What is to be done

    def build(self, place: Place) -> None:
        """A line and a bridge for them. ConsultReady or ConsultFailed follows."""
        self._legs[place.attempt] = leg = self._leg(place)
        self._building[place.attempt] = self._spawn(self._build(place.attempt, leg))

    def _leg(self, place: Place) -> SideLeg:
        return SideLeg(place.line, place.call_id, place.member_channel, self._deps.ari, self._deps.app, self._deps.media_host)

    async def _build(self, attempt: int, leg: SideLeg) -> None:
        try:
            await leg.build(self._deps.media())
        except SideLegFailed as error:
            self._post(ConsultFailed(attempt, str(error)))
        else:
            self._post(ConsultReady(attempt))
            for digit in self._early.pop(attempt, ()):
                if leg.line is not None:
                    leg.line.digit(digit)

    def brief(self, attempt: int) -> None:
        """BriefAnswered follows, or BriefEnded where nothing is asked."""
        self._briefings[attempt] = self._spawn(self._brief(attempt))

    async def _brief(self, attempt: int) -> None:
        choice = self._deps.mode != "announced"
        outcome = await self._say(attempt, spoken_brief(self._record.newest_card(), self._record.language), choice=choice)
        if not choice:
            self._post(BriefEnded(attempt))
            return
        answer = answer_of(outcome) if outcome is not None else "none"
        if answer is not None:
            self._post(BriefAnswered(attempt, answer))

    async def introduce(self, attempt: int) -> None:
        why = ""
        leg = self._legs.get(attempt)
        try:
            if leg is None or isinstance(await self._deps.ari.add_to_bridge(leg.bridge_id, self._record.facts.channel_id), Gone):
                why = "the caller could not be brought in"
            else:
                self._introduced.add(attempt)
                await self._say(attempt, introduction(self._record.newest_card(), self._record.language), choice=False)
        except AriError as error:
            why = str(error)
        self._post(IntroduceDone(attempt, why))

    async def part(self, attempt: int, what: str) -> None:
        briefing, talk = self._briefings.get(attempt), self._talks.get(attempt)
        if briefing is not None and talk is not None:
            talk.announce(what, {}, at_once=True)
            await asyncio.wait((briefing,), timeout=_TOLD_S)
        self._post(MemberTold(attempt))

    async def _say(self, attempt: int, text: str, *, choice: bool) -> Outcome | None:
        """To the person; None when they cannot hear it."""
        leg, facts = self._legs.get(attempt), self._record.facts
        if leg is None or leg.line is None:
            return None
        try:
            talk = self._deps.talks.briefing(
                call_id=facts.call_id,
                language=self._record.language,
                line=leg.line,
                sink=_Aside(self._record, lambda: self._post(BriefAnswered(attempt, "repeat"))),
                text=text,
                choice=choice,
            )
            self._talks[attempt] = talk
            return await talk.run()
        except Exception:  # whoever made the talk: the caller is not to wait for it
            log.exception("briefing_failed", extra={"call_id": facts.call_id})
            return None

    async def drop(self, attempt: int, *, joined: bool) -> None:
        """Give their line and bridge back. ``joined``: the caller goes with them; else one who is in that bridge returns to their own."""
        self._early.pop(attempt, None)
        briefing, building = self._briefings.pop(attempt, None), self._building.pop(attempt, None)
        if building is not None:
            await asyncio.wait((building,))
        if attempt in self._introduced and not joined:
            await self._caller_back()
        leg = self._legs.pop(attempt, None)
        if leg is not None:
            await leg.close()
        if briefing is not None:
            # Its line is closed, which ends it by itself.
            _, late = await asyncio.wait((briefing,), timeout=1.0)
            for task in late:
                task.cancel()

    async def _caller_back(self) -> None:
        try:
            await self._deps.ari.add_to_bridge(self._bridge_id, self._record.facts.channel_id)
        except AriError as error:
            log.warning("caller_not_taken_back", extra={"call_id": self._record.facts.call_id, "error": str(error)})

    async def drop_all(self, joined: Collection[int]) -> None:
        """``joined``: attempts whose person the caller is with."""
        for attempt in list(self._legs):
            await self.drop(attempt, joined=attempt in joined)


class _Aside:
    """The sink of a talk with a person: it belongs to no caller's transcript."""

    def __init__(self, record: CallRecord, repeated: Callable[[], None]) -> None:
        self._record = record
        self._repeated = repeated

    def turn(self, turn: Turn) -> None:
        if turn.who == "agent":
            self._record.event("said_to_person", turn.started_at, {"text": turn.text, "heard": turn.heard})

    def event(self, kind: str, at: float, data: Mapping[str, JsonValue]) -> None:
        """How a brief was understood is of no use for the call's record."""
        if kind == "brief_repeated":
            self._repeated()

    def partial(self, text: str, at: float) -> None:
        """Nobody watches."""

    def listens(self, node: str, question: str) -> None:
        """Nor this."""

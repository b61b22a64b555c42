"""The chain of providers with scripted models, in virtual time."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from agents.llm.accounting import Price, Tally
from agents.llm.breaker import Breaker, BreakerLimits
from agents.llm.chain import Anew, Link, ModelChain
from agents.llm.deadline import Deadline
from agents.llm.model import (
    ContextTooLong,
    Counted,
    Delta,
    Ended,
    Message,
    ModelBroken,
    ModelRefused,
    ModelUnavailable,
    TextDelta,
)
from agents.llm.scripted_model import Script, ScriptedModel, Wait
from agents.llm.task import Usage
from tests.agents.virtual_time import run_virtual

DOWN = ModelUnavailable("told to be down")
HERE: Script = ["Here."]


def link(*scripts: Script, name: str = "a", hedge_after_s: float | None = None, **more: object) -> Link:
    return Link(ScriptedModel(scripts, name), hedge_after_s=hedge_after_s, **more)  # type: ignore[arg-type]  # fields of Link


def asked(each: Link) -> int:
    assert isinstance(each.model, ScriptedModel)
    return len(each.model.asked)


class Heard:
    """What came of one answer."""

    def __init__(self) -> None:
        self.text: list[str] = [""]
        """One for each beginning."""
        self.error: Exception | None = None
        self.usage = Usage()
        self.took_s = 0.0
        self.shares: list[float] = []


async def listen(chain: ModelChain, limit_s: float = 10.0) -> Heard:
    heard, tally, deadline = Heard(), Tally(), Deadline(limit_s)

    def ask(share: float) -> Sequence[Message]:
        heard.shares.append(share)
        return [Message("user", "hello" * 10)]

    def take(piece: Delta | Anew) -> None:
        if isinstance(piece, TextDelta):
            heard.text[-1] += piece.text
        elif isinstance(piece, Anew):
            heard.text.append("")

    try:
        async with aclosing(chain.stream(ask, (), tally, deadline)) as pieces:
            async for piece in pieces:
                take(piece)
    except ModelUnavailable as error:
        heard.error = error
    heard.usage = tally.usage
    heard.took_s = heard.usage.took_s
    return heard


def hear(*links: Link, limit_s: float = 10.0) -> Heard:
    return run_virtual(listen(ModelChain(links), limit_s))


def test_the_first_choice_answers() -> None:
    first, second = link(HERE), link(["There."], name="b")
    assert hear(first, second).text == ["Here."]
    assert asked(second) == 0


@pytest.mark.parametrize("fault", [[DOWN], [ModelBroken("odd")], [ModelRefused("no key")], [Wait(60), "late"], [], ["  "]])
def test_the_next_one_answers_for_one_that_fails_before_a_word(fault: Script) -> None:
    heard = hear(link(fault, fault), link(HERE, name="b"))
    assert heard.text[-1] == "Here." and heard.usage.model == "b"
    assert heard.took_s < 1.2


@pytest.mark.parametrize("fault", [DOWN, ModelBroken("odd"), Wait(60)])
def test_in_the_middle_another_begins_anew(fault: ModelUnavailable | ModelBroken | Wait) -> None:
    heard = hear(link(["It is", fault]), link(HERE, name="b"))
    assert heard.text == ["It is", "Here."]
    assert heard.took_s < 1.2


def test_a_single_provider_is_asked_a_second_time() -> None:
    only = link([DOWN], HERE)
    heard = hear(only)
    assert heard.text == ["Here."] and heard.usage.attempts == 2


def test_nobody_is_asked_a_third_time() -> None:
    first, second = link(*[[DOWN]] * 5), link(*[[DOWN]] * 5, name="b")
    heard = hear(first, second)
    assert heard.error is not None and (asked(first), asked(second)) == (2, 2)


def test_one_that_refuses_is_not_asked_again() -> None:
    only = link([ModelRefused("no key")], HERE)
    assert hear(only).error is not None
    assert asked(only) == 1


def test_the_error_names_every_provider() -> None:
    heard = hear(link([ModelRefused("a: no key")]), link([ModelRefused("b: no quota")], name="b"))
    assert str(heard.error) == "a: no key; b: no quota"


def test_the_second_request_of_the_same_provider_wins() -> None:
    slow = link([Wait(60), "late"], HERE, hedge_after_s=0.3)
    heard = hear(slow)
    assert heard.text == ["Here."] and heard.took_s == pytest.approx(0.3)
    assert heard.usage.attempts == 2


def test_too_long_a_context_is_asked_again_with_less() -> None:
    heard = hear(link([ContextTooLong("long")], [ContextTooLong("long")], HERE))
    assert heard.shares == [1.0, 0.5, 0.25] and heard.text == ["Here."]


def test_a_context_that_never_fits_goes_to_the_next() -> None:
    heard = hear(link(*[[ContextTooLong("long")]] * 5), link(HERE, name="b"))
    assert heard.shares == [1.0, 0.5, 0.25, 1.0] and heard.text == ["Here."]


def test_nothing_is_begun_after_the_deadline() -> None:
    first, second = link([Wait(60)]), link(HERE, name="b")
    heard = hear(first, second, limit_s=0.5)
    assert heard.error is not None and heard.took_s == pytest.approx(0.5)
    assert asked(second) == 0


def test_an_open_breaker_is_passed_by_until_its_time_is_over() -> None:
    first = link([DOWN], HERE, breaker=Breaker(BreakerLimits(failures=1, open_s=10)))
    second = link(["There."], ["There."], name="b")

    async def main() -> list[tuple[str, int]]:
        chain, said = ModelChain([first, second]), []
        for pause in (0, 1, 30):
            await asyncio.sleep(pause)
            said.append(((await listen(chain)).text[-1], asked(first)))
        return said

    assert run_virtual(main()) == [("There.", 1), ("There.", 1), ("Here.", 2)]


def test_all_open_fails_at_once() -> None:
    breaker = Breaker(BreakerLimits(failures=1, open_s=100))
    breaker.failed(1000.0)
    only = link(HERE, breaker=breaker)
    heard = hear(only)
    assert heard.error is not None and heard.took_s == 0 and asked(only) == 0


def test_what_it_costs() -> None:
    heard = hear(link(["Here.", Counted(1000, 50, 400)], price=Price(2.0, 10.0, 0.5)))
    assert heard.usage.cost == pytest.approx((600 * 2 + 400 * 0.5 + 50 * 10) / 1e6)
    assert (heard.usage.input_tokens, heard.usage.cached_tokens, heard.usage.output_tokens) == (1000, 400, 50)


def test_what_was_not_counted_is_estimated_even_of_an_answer_that_broke_off() -> None:
    heard = hear(link(["It is on its way to you", DOWN], price=Price(1.0, 1.0)), link(HERE, name="b", price=Price(1.0, 1.0)))
    assert 30 < heard.usage.input_tokens < 60 and 5 < heard.usage.output_tokens < 15 and heard.usage.cost > 0


def test_a_count_that_does_not_come_holds_up_little() -> None:
    heard = hear(link(["Here.", Ended("stop"), Wait(60)]))
    assert heard.text == ["Here."] and heard.took_s <= 0.31


def test_closing_early_leaves_no_stream_open_and_blames_nobody() -> None:
    async def main() -> None:
        model = ScriptedModel([["Your order ", Wait(60)]] * 9)
        breaker = Breaker(BreakerLimits(failures=1))
        chain = ModelChain([Link(model, breaker=breaker)])
        pieces = chain.stream(lambda share: [Message("user", "hi")], (), Tally(), Deadline(5))
        assert isinstance(await anext(pieces), TextDelta)
        await pieces.aclose()
        assert model.open == 0 and breaker.allows(asyncio.get_running_loop().time())
        assert len(asyncio.all_tasks()) == 1

    run_virtual(main())


def test_closing_the_chain_closes_the_models() -> None:
    only = link(HERE)

    async def main() -> Heard:
        chain = ModelChain([only])
        await chain.close()
        return await listen(chain)

    assert run_virtual(main()).error is not None


def test_a_chain_without_links_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ModelChain([])

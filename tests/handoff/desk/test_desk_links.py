"""Links to cards: good for minutes, for who is logged in, and only as they were made."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from handoff.desk.links import CardLinks, LinkState
from handoff.desk.secret import DeskSecret
from handoff.records.writer import PostgresRecords
from tests.handoff.desk.conftest import SECRET, Desk
from tests.handoff.desk.desk_calls import CARD, ordinary_call

NOW = 1_800_000_000.0
LINKS = CardLinks(SECRET, "https://desk.example.com/", 600.0)


def parts(url: str) -> tuple[str, str, str]:
    split = urlsplit(url)
    query = parse_qs(split.query)
    return split.path.removeprefix("/card/"), query["e"][0], query["s"][0]


def test_a_link_is_good_until_it_expires() -> None:
    url = LINKS.card_url("card-number-one", NOW)
    assert url.startswith("https://desk.example.com/card/card-number-one?e=1800000600&s=")
    for later, state in ((0, LinkState.GOOD), (600, LinkState.GOOD), (601, LinkState.EXPIRED), (10_000_000, LinkState.EXPIRED)):
        assert LINKS.check(*parts(url), NOW + later) is state


def test_a_changed_link_is_refused() -> None:
    card, expires, signature = parts(LINKS.card_url("card-number-one", NOW))
    assert LINKS.check("card-number-two", expires, signature, NOW) is LinkState.FORGED
    assert LINKS.check(card, str(int(expires) + 600), signature, NOW) is LinkState.FORGED
    for bad in ("", signature[:-1], signature + "A", signature.swapcase(), "ü" * 24):
        assert LINKS.check(card, expires, bad, NOW) is LinkState.FORGED
    for bad in ("", "x", "-1", "²", "9" * 40):
        assert LINKS.check(card, bad, signature, NOW) is LinkState.FORGED
    assert CardLinks(DeskSecret(b"another secret of thirty-two byte")).check(card, expires, signature, NOW) is LinkState.FORGED


@pytest.mark.parametrize("card_id", ["", "short", "a/b/c/d/e", "a b c d e", "x" * 65, "card?e=1&s=2"])
def test_only_a_cards_id_gets_a_link(card_id: str) -> None:
    with pytest.raises(ValueError, match="not the id of a card"):
        LINKS.card_url(card_id, NOW)


async def test_the_card_is_shown_to_who_is_logged_in(desk: Desk, records: PostgresRecords) -> None:
    ordinary_call(records)
    assert await records.flush(10)
    url = desk.deps.links.card_url(CARD, time.time())
    stranger = await desk.stranger()
    answer = await stranger.get(url, allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/login?next=/card/")
    html = await (await (await desk.login("agent")).get(url)).text()
    assert "refund request" in html and "I want my money back" in html
    assert (await desk.deps.audit.entries(action="view_card"))[0]["actor"] == "agent"
    assert (await (await desk.login("auditor")).get(url)).status == 403


async def test_an_old_link_says_so_and_shows_nothing(desk: Desk, records: PostgresRecords) -> None:
    ordinary_call(records)
    assert await records.flush(10)
    client = await desk.login("supervisor")
    answer = await client.get(desk.deps.links.card_url(CARD, time.time() - 700))
    html = await answer.text()
    assert answer.status == 403
    assert "This link has expired" in html and "money back" not in html
    answer = await client.get(f"/card/{CARD}")
    assert answer.status == 403
    assert "This link is not good" in await answer.text()
    assert [row["detail"]["why"] for row in await desk.deps.audit.entries(action="card_link_refused")] == ["forged", "expired"]


async def test_a_card_that_is_gone(desk: Desk) -> None:
    client = await desk.login("supervisor")
    assert (await client.get(desk.deps.links.card_url("no-card-has-this-id", time.time()))).status == 404

"""What counts as a stray, and what never may."""

import pytest

from ari_app.ari.client import Application, Bridge
from ari_app.ari.events import Channel
from ari_app.calls.reconcile import Owned, Strays, View, find_strays
from ari_app.calls.record import call_id_of
from ari_app.calls.shell_names import HEARING_PREFIX
from ari_app.calls.steps import Where
from ari_app.calls.transfer_names import Place, place_named, place_of_channel, place_of_line

APP = "patchcord"
CALLERS = tuple(
    Channel(ident, f"PJSIP/{ident}", "Up", app=app) for ident, app in (("live", "Stasis"), ("orphan", "Stasis"), ("queued", "Queue"))
)
LEGS = tuple(Channel(f"patchcord-media-{ident}", "UnicastRTP/127.0.0.1:9", "Up", app="Stasis") for ident in ("a", "b"))
FOREIGN = Channel("foreign", "PJSIP/foreign", "Up", app="Stasis")
BRIDGES = tuple(
    Bridge(ident, name, "simple_bridge", ())
    for ident, name in (("patchcord-bridge-a", APP), ("patchcord-bridge-b", APP), ("patchcord-bridge-c", "other"))
)
VIEW = View(Application(APP, frozenset(c.id for c in (*CALLERS, *LEGS)), frozenset()), (*CALLERS, *LEGS, FOREIGN), BRIDGES)
OWNED = Owned(frozenset({"live"}), frozenset({"patchcord-media-a"}), frozenset({"patchcord-bridge-a"}))


def test_strays_are_ours_and_unowned() -> None:
    assert find_strays(VIEW, OWNED) == Strays(
        callers=frozenset({"orphan"}), legs=frozenset({"patchcord-media-b"}), bridges=frozenset({"patchcord-bridge-b"})
    )


def test_only_what_is_stray_twice_is_reaped() -> None:
    later = Owned(OWNED.callers | {"orphan"}, OWNED.legs, OWNED.bridges)
    both = find_strays(VIEW, OWNED) & find_strays(VIEW, later)
    assert not both.callers and both.legs and both


def test_where_a_caller_is() -> None:
    found = [VIEW.where(ident) for ident in ("live", "queued", "nobody")]
    assert found == [Where.IN_STASIS, Where.OUTSIDE, Where.GONE]


def test_a_call_keeps_its_id_across_restarts_and_shares_it_with_no_other() -> None:
    assert call_id_of("http://a/ari", "1.2") == call_id_of("http://a/ari", "1.2")
    assert len({call_id_of(site, channel) for site in ("a", "b") for channel in ("1.2", "1.3")}) == 4


def test_a_place_in_a_queue_for_which_nobody_waits_is_stray_but_a_person_with_a_caller_is_not() -> None:
    kept, left, joined = (Place("c1", 1, attempt) for attempt in (1, 2, 3))
    halves = tuple(
        Channel(ident, f"Local/support@patchcord-place-{ident};1", "Up", app="Stasis")
        for place in (kept, left, joined)
        for ident in (place.member_channel, place.queue_channel)
    )
    view = View(
        Application(APP, frozenset(channel.id for channel in halves), frozenset()),
        halves,
        (
            # Of the dialplan: the caller with the person who took them, and that person's phone with the queue.
            Bridge("of-the-dialplan", "", "simple_bridge", ("caller", joined.member_channel)),
            Bridge("of-the-queue", "", "simple_bridge", ("phone", joined.queue_channel)),
            Bridge("patchcord-bridge-x", APP, "simple_bridge", (left.member_channel,)),
        ),
    )
    owned = Owned(frozenset(), frozenset(), frozenset({"patchcord-bridge-x"}), frozenset({kept.member_channel, kept.queue_channel}))
    assert find_strays(view, owned) == Strays(places=frozenset({left.member_channel, left.queue_channel}))


@pytest.mark.parametrize("place", [Place("6f3a1c6e6d0e4f579d570c1ad1f5a3b1", 1, 1), Place("a", 12, 340)])
def test_a_place_is_known_by_each_of_its_names(place: Place) -> None:
    assert place_named(place.name) == place
    assert place_of_channel(place.member_channel) == place_of_channel(place.queue_channel) == place
    assert place_of_line(place.line) == place


@pytest.mark.parametrize("name", ["", "a", "a-1", "a-1-2-3", "-1-2", "a-x-2", "a-1-²", "a--1"])
def test_other_names_are_no_places(name: str) -> None:
    assert place_named(name) is None
    assert place_of_channel(f"patchcord-wait-{name}-a") is None


def test_channels_of_calls_are_no_places() -> None:
    for ident in ("1795271512.0", "patchcord-media-c1", "patchcord-wait-c1-1-1", "patchcord-wait-c1-1-1-b"):
        assert place_of_channel(ident) is None, ident
    assert place_of_line("c1") is None
    assert place_of_line("c1-2") is None


def test_an_ear_on_a_caller_that_nobody_uses_is_hung_up_and_never_sent_to_a_queue() -> None:
    ears = tuple(Channel(f"{HEARING_PREFIX}{call}", "Snoop/live-1", "Up", app="Stasis") for call in ("kept", "left"))
    view = View(Application(APP, frozenset(ear.id for ear in ears), frozenset()), ears, ())
    owned = Owned(frozenset(), frozenset(), frozenset(), frozenset({ears[0].id}))
    assert find_strays(view, owned) == Strays(places=frozenset({ears[1].id}))

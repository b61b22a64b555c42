"""What counts as a stray, and what never may."""

from ari_app.ari.client import Application, Bridge
from ari_app.ari.events import Channel
from ari_app.calls.reconcile import Owned, Strays, View, find_strays
from ari_app.calls.record import call_id_of
from ari_app.calls.steps import Where

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

"""Carriers with whom we register: digest, wrong password, TLS with SRTP; which number was dialled; keys from a real Asterisk."""

import asyncio

import pytest

from .rig import NUMBER, Rig, contact_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_registration_with_digest_and_a_call_to_a_number(lines: Rig) -> None:
    await lines.ours.until("pjsip show registrations", "patchcord-digest")
    uri = await contact_of(lines.carrier, "alice", NUMBER)
    await lines.ours.forget("REACHED")
    await lines.carrier.rx(f"channel originate PJSIP/alice/{uri} application Echo")
    assert (await lines.ours.value("REACHED")).split()[:2] == ["patchcord-digest", NUMBER]
    await lines.carrier.rx("channel request hangup all")
    await lines.ours.nobody_left()


async def test_a_number_in_p_called_party_id(lines: Rig) -> None:
    await contact_of(lines.carrier, "carol", "any")
    await lines.ours.forget("REACHED")
    await lines.carrier.rx("channel originate Local/s@calls application Echo")
    assert (await lines.ours.value("REACHED")).split()[:2] == ["patchcord-called", NUMBER]
    await lines.carrier.rx("channel request hangup all")
    await lines.ours.nobody_left()


async def test_a_wrong_password_is_refused_and_said(lines: Rig) -> None:
    said = await lines.ours.until("pjsip show registrations", "Rejected")
    rejected = [line for line in said.splitlines() if "Rejected" in line]
    assert len(rejected) == 1 and "patchcord-wrong" in rejected[0]
    assert "bob/sip:" not in await lines.carrier.rx("pjsip show aor bob")


async def test_tls_and_srtp(lines: Rig) -> None:
    uri = await contact_of(lines.carrier, "tina", NUMBER)
    assert "transport=tls" in uri.lower()
    await lines.ours.forget("REACHED")
    await lines.carrier.rx(f"channel originate PJSIP/tina/{uri} application Echo")
    reached = (await lines.ours.value("REACHED")).split()
    assert reached == ["patchcord-sealed", NUMBER, "1", "1"], "signalling and audio are both encrypted"
    await lines.carrier.rx("channel request hangup all")
    await lines.ours.nobody_left()


@pytest.mark.parametrize("user", ["alice", "tina"])
async def test_keys_of_a_real_asterisk(lines: Rig, user: str) -> None:
    uri = await contact_of(lines.carrier, user, "101")
    await lines.ours.forget("KEYS")
    await lines.carrier.rx(f"channel originate PJSIP/{user}/{uri} extension s@keys")
    assert await lines.ours.value("KEYS") == "12*9."
    await lines.ours.nobody_left()


async def test_nothing_but_numbers_is_reachable(lines: Rig) -> None:
    for dialled in ("666", "s", "patchcord-secret", "100x"):
        uri = await contact_of(lines.carrier, "alice", dialled)
        await lines.carrier.rx(f"channel originate PJSIP/alice/{uri} application Echo")
        await asyncio.sleep(0.3)
        assert "Up" not in await lines.carrier.rx("core show channels concise")
    await lines.ours.nobody_left()


async def test_the_carriers_server_is_asked_whether_it_is_there(lines: Rig) -> None:
    said = await lines.ours.until("pjsip show contacts", "Avail")
    assert any("patchcord-sealed" in line and "Avail" in line for line in said.splitlines()), said


async def test_a_trunk_without_outbound_cannot_be_dialled(lines: Rig) -> None:
    before = await lines.carrier.rx("core show channels count")
    await lines.ours.rx(f"channel originate PJSIP/{NUMBER}@patchcord-digest application Echo")
    assert "patchcord-digest': No URI available" in lines.ours.log()
    assert before == await lines.carrier.rx("core show channels count")
    await lines.ours.nobody_left()

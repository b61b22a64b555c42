"""Each thing that somebody else's Asterisk may lack is named with its remedy."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ari_app.pbx.foreign_checks import ACTIONS, CONTEXTS, MODULES, RECORDING_ACTIONS, RECORDING_MODULES, Seen, faults, media_fault
from ari_app.pbx.modules import MODULES as OF_OURS
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.pbx.site import site_for
from ari_app.settings import Settings, SettingsError, load_settings
from dialplan.generated import generate

WELL = Seen(
    "20.6.0~dfsg",
    frozenset(MODULES),
    may_write=True,
    contexts=dict.fromkeys(CONTEXTS, True),
    enters=True,
    queue=True,
    actions=frozenset(ACTIONS),
)


def test_nothing_is_wrong_with_one_that_has_all() -> None:
    assert faults(WELL, Settings()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "18.9.1"}, ("Asterisk 18.9.1", "20 or newer", "Upgrade")),
        ({"version": ""}, ("20 or newer",)),
        ({"modules": WELL.modules - {"chan_rtp"}}, ("chan_rtp.so", "module load chan_rtp.so")),
        ({"modules": WELL.modules - {"chan_rtp", "app_stasis"}}, ("app_stasis.so, chan_rtp.so", "and so on")),
        ({"may_write": False}, ("read_only", "ari.conf")),
        ({"actions": WELL.actions - {"Setvar"}}, ("Setvar", "manager reload")),
        ({"contexts": {**WELL.contexts, "patchcord-agent": False}}, ("no context patchcord-agent.", "#tryinclude", "dialplan reload")),
        ({"enters": False}, ("not Patchcord's", "dialplan apply")),
        ({"queue": False}, ("queue 'support'", "queues.conf", "queue reload all")),
    ],
)
def test_each_lack_is_one_fault_with_its_remedy(change: dict[str, Any], words: tuple[str, ...]) -> None:
    found = faults(replace(WELL, **change), Settings())
    assert len(found) == 1
    for word in words:
        assert word in found[0]


def test_recording_asks_for_more() -> None:
    recording = Settings.model_validate({"calls": {"record": True}})
    lacking = " ".join(faults(WELL, recording))
    assert "app_mixmonitor.so" in lacking and "class system" in lacking
    more = replace(WELL, modules=WELL.modules | {*RECORDING_MODULES}, actions=WELL.actions | {*RECORDING_ACTIONS})
    assert faults(more, recording) == []


def test_all_faults_are_told_at_once() -> None:
    assert len(faults(replace(WELL, version="18.1", modules=frozenset(), may_write=False, queue=False), Settings())) == 4


def test_what_is_asked_of_others_is_what_ours_loads_too() -> None:
    assert {*MODULES, *RECORDING_MODULES} <= {name for names in OF_OURS.values() for name in names}


def test_what_the_dialplan_calls_is_among_the_modules(tmp_path: Path) -> None:
    """A function or application without its module is known by this test, not by a caller."""
    of_core = {"Answer", "Bridge", "Goto", "GotoIf", "Hangup", "Ringing", "Set", "Wait", "Progress", "Congestion", "Busy", "NoOp"}
    in_module = {
        "func_callerid": {"CALLERID"},
        "func_channel": {"CHANNEL", "CHANNEL_EXISTS"},
        "func_cut": {"CUT"},
        "func_dialplan": {"DIALPLAN_EXISTS"},
        "func_global": {"GLOBAL"},
        "func_logic": {"IF", "EXISTS", "IMPORT", "ISNULL", "IFTIME"},
        "func_rand": {"RAND"},
        "func_strings": {"FIELDQTY", "FILTER", "LEN", "LISTFILTER", "REPLACE", "REGEX", "TOUPPER"},
        "func_timeout": {"TIMEOUT"},
        "app_chanspy": {"ChanSpy"},
        "app_dial": {"Dial"},
        "app_exec": {"ExecIf"},
        "app_playback": {"Playback"},
        "app_queue": {"Queue", "QueueLog"},
        "app_stack": {"Gosub", "Return"},
        "app_stasis": {"Stasis"},
        "app_userevent": {"UserEvent"},
        # asked of PJSIP channels only, so that the phones' and carriers' own modules are there
        "chan_pjsip": {"PJSIP_HEADER"},
    }
    assert set(in_module) - {"chan_pjsip"} <= set(MODULES)
    settings = Settings.model_validate({"asterisk": {"source": "external"}})
    text = generate(site_for("22.0.0", settings, load_or_create_secrets(tmp_path), tmp_path))["patchcord.d/extensions.conf"]
    lines = [line for line in text.splitlines() if not line.startswith(";")]
    functions = set(re.findall(r"\b([A-Z_]{2,})\(", "\n".join(lines)))
    applications = {match[1] for line in lines if (match := re.match(r"(?:exten => [^,]+,\d+|same => n)(?:\(\w+\))?,(\w+)", line.strip()))}
    known = of_core.union(*in_module.values())
    assert functions <= known and applications <= known
    assert all(f"[{name}]" in text for name in CONTEXTS)


@pytest.mark.parametrize(
    ("host", "media", "wrong"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("localhost", "127.0.0.1", False),
        ("192.0.2.10", "127.0.0.1", True),
        ("pbx.example.com", "192.0.2.20", False),
    ],
)
def test_sound_must_find_its_way_back(host: str, media: str, wrong: bool) -> None:
    settings = Settings.model_validate({"asterisk": {"source": "external", "host": host}, "media": {"host": media}})
    assert bool(media_fault(settings)) is wrong
    assert not wrong or ("media.host" in media_fault(settings) and host in media_fault(settings))


def test_a_host_needs_an_asterisk_that_is_somebody_elses() -> None:
    with pytest.raises(SettingsError, match=r"asterisk\.source to external"):
        load_settings(None, {"PATCHCORD_ASTERISK__HOST": "192.0.2.10"})
    settings = load_settings(None, {"PATCHCORD_ASTERISK__HOST": "2001:db8::10", "PATCHCORD_ASTERISK__SOURCE": "external"})
    assert settings.asterisk.url_host == "[2001:db8::10]"

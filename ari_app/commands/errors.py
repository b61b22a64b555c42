"""Errors that are messages to the user: shown as one line, without a traceback."""

import sys
from typing import Final

EXPECTED: Final = {
    "agents.emotion.voice.errors": ("ModelUnusable",),
    "agents.flows.errors": ("AgentError",),
    "agents.llm.config": ("ModelSettingsError",),
    "agents.tts.speaker": ("SpeechError",),
    "ari_app.backup.archive": ("BackupError",),
    "ari_app.caller.sip_message": ("SipError",),
    "ari_app.pbx.errors": ("PbxError",),
    "ari_app.service.layout": ("DataUnusable",),
    "ari_app.service.query": ("ServiceUnreachable",),
    "ari_app.service.state": ("AlreadyRunning", "NotRunning"),
    "ari_app.service.supervisor": ("StartFailed",),
    "ari_app.settings": ("SettingsError",),
    "dialplan.errors": ("DialplanError",),
    "handoff.records.dump": ("DumpFailed",),
    "handoff.records.migrate": ("MigrationError",),
    "handoff.records.server": ("ServerError",),
    "handoff.records.store": ("RecordsUnavailable",),
    "handoff.rules.errors": ("RulesError",),
}
"""By module. Names, not classes: ``calls`` would wait for half of the project to be imported before it asks the database."""


def expected() -> tuple[type[Exception], ...]:
    """Those of modules that have been imported: no others can have been raised."""
    return tuple(getattr(sys.modules[module], name) for module, names in EXPECTED.items() if module in sys.modules for name in names)

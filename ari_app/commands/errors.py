"""Errors that are messages to the user: shown as one line, without a traceback."""

from agents.tts.speaker import SpeechError
from ari_app.caller.sip_message import SipError
from ari_app.pbx.errors import PbxError
from ari_app.service.layout import DataUnusable
from ari_app.service.query import ServiceUnreachable
from ari_app.service.state import AlreadyRunning, NotRunning
from ari_app.service.supervisor import StartFailed
from ari_app.settings import SettingsError
from handoff.records.migrate import MigrationError
from handoff.records.server import ServerError
from handoff.records.store import RecordsUnavailable


def expected() -> tuple[type[Exception], ...]:
    return (
        *(SettingsError, DataUnusable, NotRunning, AlreadyRunning, ServiceUnreachable, StartFailed),
        *(PbxError, SipError, SpeechError),
        *(ServerError, MigrationError, RecordsUnavailable),
    )

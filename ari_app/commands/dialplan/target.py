"""Which Asterisk a command is about: its folder, its version, how to reach it, and what Patchcord would give it."""

import argparse
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ari_app.commands.agents.places import flow_files
from ari_app.commands.instance import running_settings
from ari_app.commands.up import RUNTIME, settings_file
from ari_app.pbx.console_first import ConsoleFirst, console_first
from ari_app.pbx.errors import PbxError
from ari_app.pbx.find import AsteriskInstall, packaged_asterisk, system_asterisk
from ari_app.pbx.runtime import RuntimeRoot
from ari_app.pbx.secret_store import Secrets, load_or_create_secrets
from ari_app.pbx.site import site_for
from ari_app.service.layout import Layout
from ari_app.service.state import NotRunning, read_state
from ari_app.settings import Settings, load_settings
from dialplan.generated import generate
from dialplan.installing.folder import EtcFolder

_BUILT_IN_AGENTS = {"echo"}
_UNKNOWN_VERSION = "22"


@dataclass(frozen=True, slots=True)
class Target:
    """One Asterisk."""

    settings: Settings
    secrets: Secrets
    data: Path
    folder: EtcFolder
    install: AsteriskInstall | None
    """An Asterisk on this machine, by which a scratch one can be run; None: there is none."""
    external: bool
    runs: bool
    """An embedded one runs; of an external one that is found out by asking."""

    @property
    def version(self) -> str:
        """Return the version to write for."""
        return self.install.version if self.install is not None else _UNKNOWN_VERSION

    def agents(self) -> frozenset[str]:
        """Return the names of all agents. Raises AgentError."""
        folder = Path(self.settings.agents.folder) if self.settings.agents.folder else None
        return frozenset(path.stem for path in flow_files(folder)) | _BUILT_IN_AGENTS

    def files(self) -> Mapping[str, str]:
        """Return what Patchcord would give this Asterisk. Raises DialplanError, AgentError."""
        return generate(site_for(self.version, self.settings, self.secrets, self.data, self.agents()))

    @contextlib.asynccontextmanager
    async def control(self, *, reload: bool) -> AsyncIterator[ConsoleFirst | None]:
        """Reach it; None when it is not to be asked or is an embedded one that does not run. Raises ControlError."""
        if not reload or not (self.external or self.runs):
            yield None
            return
        host = self.settings.asterisk.host if self.external else "127.0.0.1"
        who = (self.secrets.ami_admin_user, self.secrets.ami_admin_password)
        async with console_first(host, self.settings.asterisk.ami_port, *who, self._console(host)) as control:
            await control.reachable()
            yield control

    def _console(self, host: str) -> list[str]:
        conf = self.folder.path / "asterisk.conf"
        if self.install is None or host not in ("127.0.0.1", "::1", "localhost") or not conf.is_file():
            return []
        return [*self.install.command, "-C", str(conf)]


async def target_for(options: argparse.Namespace) -> Target:
    """Raises SettingsError, PbxError."""
    layout = Layout(options.data.resolve())
    settings = _settings(options, layout)
    external = settings.asterisk.source == "external"
    return Target(
        settings=settings,
        secrets=load_or_create_secrets(layout.data, settings=settings),
        data=layout.data,
        folder=_folder(settings, layout),
        install=await _install(settings),
        external=external,
        runs=not external and _runs(layout),
    )


def _settings(options: argparse.Namespace, layout: Layout) -> Settings:
    """Those that are given, else those that the instance was started with, else patchcord.yaml."""
    if options.config is None:
        with contextlib.suppress(NotRunning):
            return running_settings(layout)
    return load_settings(settings_file(options.config))


def _folder(settings: Settings, layout: Layout) -> EtcFolder:
    if settings.asterisk.source == "external":
        return EtcFolder(Path(settings.asterisk.etc).expanduser().resolve())
    return EtcFolder(layout.data / "asterisk" / "etc")


def _runs(layout: Layout) -> bool:
    try:
        read_state(layout.state_file, layout.data)
    except NotRunning:
        return False
    return True


async def _install(settings: Settings) -> AsteriskInstall | None:
    """Without fetching anything."""
    if settings.asterisk.source != "packages":
        with contextlib.suppress(PbxError):
            return await system_asterisk()
    with contextlib.suppress(PbxError, OSError):
        return await packaged_asterisk(RuntimeRoot(RUNTIME / "root"))
    return None

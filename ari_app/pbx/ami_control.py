"""What an installation asks of a running Asterisk, over AMI as the user ``patchcord-admin``.

A second user and not the worker's: reloading needs ``system``, which lets its holder load modules and record calls. And AMI, not the
console (``asterisk -rx``): that answers "Dialplan reloaded." whatever happened, its text is for people, and it needs a shell there.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ari_app.ami.link import AmiLink
from ari_app.ami.port import AmiError, AmiEvent
from dialplan.installing.errors import ControlError
from dialplan.installing.holding import HeldStep

_ANSWER_S = 15.0
_CONNECT_S = 3.0


class AmiControl:
    """``Control`` of one open connection."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link
        self._held: dict[str, set[HeldStep]] | None = None

    async def reload(self, module: str) -> None:
        self._held = None
        answer = (await self._send({"Action": "Reload", "Module": module}))[0]
        if answer.get("Response") != "Success":
            raise ControlError(f"Asterisk did not reload {module}: {answer.get('Message', 'no reason given')}. Look into its log.")

    async def steps(self, context: str) -> frozenset[HeldStep]:
        if self._held is None:
            self._held = await self._dialplan()
        return frozenset(self._held.get(context, ()))

    async def _dialplan(self) -> dict[str, set[HeldStep]]:
        """All of it at once: one question for however many contexts."""
        answer = await self._send({"Action": "ShowDialPlan"}, as_list=True)
        if answer[0].get("Response") == "Error":
            message = answer[0].get("Message", "")
            raise ControlError(f"Asterisk does not show its dialplan: {message}. The AMI user needs 'reporting' in write.")
        exten, found = "", dict[str, set[HeldStep]]()
        for event in answer:
            if event.get("Event") == "ListDialplan" and event.get("Priority"):
                exten = event.get("Extension", exten)
                found.setdefault(event["Context"], set()).add(_step(event, exten))
        return found

    async def queues(self) -> frozenset[str]:
        answer = await self._send({"Action": "QueueStatus"}, as_list=True)
        return frozenset(event["Queue"] for event in answer if event.get("Event") == "QueueParams")

    async def endpoints(self) -> frozenset[str]:
        answer = await self._send({"Action": "PJSIPShowEndpoints"}, as_list=True)
        if answer[0].get("Response") == "Error" and "no endpoints" not in answer[0].get("Message", "").lower():
            raise ControlError(
                f"Asterisk does not show its endpoints: {answer[0].get('Message', '')}. The AMI user needs 'system' in write."
            )
        return frozenset(event["ObjectName"] for event in answer if event.get("Event") == "EndpointList")

    async def _send(self, action: dict[str, str], *, as_list: bool = False) -> list[AmiEvent]:
        try:
            return await self._link.send(action, timeout_s=_ANSWER_S, as_list=as_list)
        except AmiError as error:
            raise ControlError(f"{error}. Is Asterisk still running?") from error


def _step(event: AmiEvent, exten: str) -> HeldStep:
    priority = event["Priority"]
    number = int(priority) if priority.isdigit() else 0
    application = event.get("Application", "")
    if number == 0:
        # of a hint AMI gives the devices as the application
        return HeldStep(exten, 0, "", application, event.get("AppData", ""))
    return HeldStep(exten, number, event.get("ExtensionLabel", ""), application, event.get("AppData", ""))


@asynccontextmanager
async def ami_control(host: str, port: int, user: str, secret: str) -> AsyncIterator[AmiControl]:
    """Hold a connection for the length of the block.

    Raises:
        ControlError: Asterisk cannot be reached, or refuses the user.
    """
    link = AmiLink(lambda _: None)
    try:
        await link.open(host, port, user, secret, "off", _CONNECT_S)
    except AmiError as error:
        raise ControlError(str(error)[:1].upper() + str(error)[1:] + ".") from error
    try:
        yield AmiControl(link)
    finally:
        link.abort()

"""A real Chromium without a screen, driven over its DevTools socket: pages, scripts, pictures."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.handoff.desk.agent.chromium_process import ChromiumProcess
from tests.handoff.desk.agent.devtools import DevTools, ScriptError


class Page(DevTools):
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(socket)
        self.problems: list[str] = []
        """Errors that the page reported: scripts, console, what the content security policy stopped."""

    def heard(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.problems.append(" ".join(str(part.get("value", part.get("description"))) for part in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(params["entry"]["text"] + " " + params["entry"].get("url", ""))

    async def prepare(self) -> None:
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.send(f"{domain}.enable")

    async def goto(self, url: str) -> None:
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def run(self, script: str) -> Any:
        """The value of an expression, or what its promise resolves to."""
        result = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise ScriptError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def until(self, script: str, limit_s: float = 10.0) -> Any:
        """Wait until the expression is true; its value."""
        found: Any = None
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    with contextlib.suppress(ScriptError):  # the page may be between two documents
                        if found := await self.run(script):
                            return found
                    await asyncio.sleep(0.02)
        except TimeoutError:
            with contextlib.suppress(ScriptError):
                text = await self.run("document.body.innerText")
                raise AssertionError(f"not within {limit_s:g} s: {script}; the page says: {text[:1500]}; {self.problems}") from None
            raise

    async def click(self, selector: str) -> None:
        await self.until(f"document.querySelector({json.dumps(selector)})?.checkVisibility() === true")
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")

    async def fill(self, selector: str, value: str) -> None:
        found = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{found} !== null")
        await self.run(f"{found}.value = {json.dumps(value)}; {found}.dispatchEvent(new Event('input', {{bubbles: true}}))")

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            await self.send("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" and len(key) == 1 else "")

    async def size(self, width: int, height: int) -> None:
        await self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    async def picture(self) -> bytes:
        """PNG of what is seen."""
        return base64.b64decode((await self.send("Page.captureScreenshot", format="png"))["data"])


class Browser:
    """Cookies, storage and permissions of its own, which its pages share as tabs do."""

    def __init__(self, session: aiohttp.ClientSession, address: str, devtools: DevTools, context: str) -> None:
        self._session = session
        self._host = urlsplit(address).netloc
        self._devtools = devtools
        self._context = context

    @contextlib.asynccontextmanager
    async def page(self, url: str = "about:blank") -> AsyncIterator[Page]:
        made = await self._devtools.send("Target.createTarget", url="about:blank", browserContextId=self._context)
        target = made["targetId"]
        page = Page(await self._session.ws_connect(f"ws://{self._host}/devtools/page/{target}", max_msg_size=0))
        try:
            await page.prepare()
            if url != "about:blank":
                await page.goto(url)
            yield page
        finally:
            await page.close()
            await self._devtools.send("Target.closeTarget", targetId=target)


@contextlib.asynccontextmanager
async def fresh_browser(address: str) -> AsyncIterator[Browser]:
    """A context of the Chromium whose DevTools are at ``address``: as separate as with a fresh profile, and gone afterwards."""
    async with aiohttp.ClientSession() as session:
        devtools = DevTools(await session.ws_connect(address, max_msg_size=0))
        try:
            made = await devtools.send("Target.createBrowserContext", disposeOnDetach=True)
            context = made["browserContextId"]
            yield Browser(session, address, devtools, context)
            await devtools.send("Target.disposeBrowserContext", browserContextId=context)
        finally:
            await devtools.close()


@contextlib.asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A Chromium of one's own; ``flags`` such as ``--use-file-for-fake-audio-capture=…``."""
    process = ChromiumProcess(*flags)
    try:
        async with fresh_browser(await asyncio.to_thread(process.address)) as browser:
            yield browser
    finally:
        await asyncio.to_thread(process.close)


def flags_for_microphone(file: Path) -> Sequence[str]:
    """The fake microphone plays this WAV file, over and over."""
    return (f"--use-file-for-fake-audio-capture={file}",)

"""Who hears whom: measured in the caller's own packets and in what the page's loudspeaker gets."""

import asyncio
import time

from ari_app.caller.calling import Line
from ari_app.caller.recording import sides
from tests.handoff.desk.agent.chromium import Page
from tests.handoff.desk.agent.phone_rig import share_of

SETTLE_S = 0.4
"""What is on its way is let through before a window begins."""
WINDOW_S = 0.6


async def heard_by_caller(line: Line, hz: float) -> bool:
    """Whether the tone makes up what arrives at the caller during the next moments."""
    await asyncio.sleep(SETTLE_S)
    start = time.monotonic_ns()
    await asyncio.sleep(WINDOW_S)
    both = sides(line.session.log)
    return share_of(both.cut(both.agent, start, time.monotonic_ns()), hz) > 0.8


_LISTEN = """(async () => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  const speaker = document.getElementById('speaker');
  if (!speaker.srcObject || speaker.muted) return [0, 0];
  context.createMediaStreamSource(speaker.srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 600));
  const levels = new Uint8Array(analyser.frequencyBinCount);
  analyser.getByteFrequencyData(levels);
  const peak = Math.max(...levels);
  const hertz = levels.indexOf(peak) * context.sampleRate / analyser.fftSize;
  await context.close();
  return [peak, hertz];
})()"""


async def heard_by_page(page: Page, hz: float) -> bool:
    """Whether the tone is the loudest thing at the page's loudspeaker."""
    await asyncio.sleep(SETTLE_S)
    peak, found = await page.run(_LISTEN)
    return bool(peak > 60 and abs(found - hz) < 40)

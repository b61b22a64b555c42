"""What a page's alerts sound like: the level at the last node before the loudspeaker, measured in the browser."""

from typing import Final

from tests.handoff.desk.agent.chromium import Page

SILENCE: Final = 1e-4
"""Below this nothing is heard (−80 dB)."""

# Goes on measuring all the time: the loudest root mean square since it was last asked, and the strongest frequency of that moment.
_TAP: Final = """(() => {
  const { context, output } = TONES;
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  output.connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const levels = new Float32Array(analyser.frequencyBinCount);
  window.loudest = { level: 0, hertz: 0 };
  setInterval(() => {
    if (context.state !== 'running') return;
    analyser.getFloatTimeDomainData(wave);
    const level = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
    if (level <= loudest.level) return;
    analyser.getFloatFrequencyData(levels);
    window.loudest = { level, hertz: levels.indexOf(Math.max(...levels)) * context.sampleRate / analyser.fftSize };
  }, 10);
})()"""


async def tap(page: Page, tones: str) -> None:
    """``tones``: the page's Tones, as a script."""
    await page.run(_TAP.replace("TONES", tones))


async def forget(page: Page) -> None:
    await page.run("window.loudest = { level: 0, hertz: 0 }")


async def loudest(page: Page, seconds: float) -> tuple[float, float]:
    """Level (1: full scale) and hertz of the loudest moment of the next ``seconds``; what sounds already is let die away before."""
    await page.run("new Promise((done) => setTimeout(done, 150))")
    await forget(page)
    await page.run(f"new Promise((done) => setTimeout(done, {seconds * 1000:.0f}))")
    found = await page.run("window.loudest")
    return float(found["level"]), float(found["hertz"])


async def heard(page: Page) -> tuple[float, float]:
    """Waits for the next sound: level and hertz of it."""
    await page.until(f"window.loudest.level > {SILENCE}")
    await page.run("new Promise((done) => setTimeout(done, 120))")
    found = await page.run("window.loudest")
    return float(found["level"]), float(found["hertz"])

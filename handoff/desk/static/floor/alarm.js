// Which alerts are heard: those that were not there before, several together as one, and one that comes and goes not each time.

const AGAIN_MS = 60000;
const APART_MS = 2000;

export class Alarm {
  // tones: play("bad" | "warn")
  constructor(tones) {
    this.tones = tones;
    this.known = null; // keys of the alerts that stand; null: none was told yet
    this.heard = new Map(); // key -> when
    this.last = 0;
  }

  told(alerts, now = Date.now()) {
    const fresh = this.known === null ? [] : alerts.filter(({ key }) => !this.known.has(key) && now - (this.heard.get(key) ?? -AGAIN_MS) >= AGAIN_MS);
    this.known = new Set(alerts.map(({ key }) => key));
    for (const [key, when] of this.heard) if (now - when >= AGAIN_MS) this.heard.delete(key);
    for (const { key } of fresh) this.heard.set(key, now);
    const bad = fresh.some(({ level }) => level === "bad");
    if (!fresh.length || (!bad && now - this.last < APART_MS)) return;
    this.last = now;
    this.tones.play(bad ? "bad" : "warn");
  }
}

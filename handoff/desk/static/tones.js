// Sounds of a page, made here: no file needed. One switch for all of them, which this browser remembers.

const LOUD = 0.08;
const RING_MS = 4000;
const PROBED_MS = 400;
const REMEMBERED = "alert-sound";
// Each: parts of [begin, seconds, hertz, ...].
const SOUNDS = {
  ring: [[0, 1, 425, 480]],
  bad: [[0, 0.18, 880], [0.22, 0.28, 660]],
  warn: [[0, 0.25, 587]],
};

export class Tones {
  constructor() {
    this.button = document.getElementById("sound");
    this.blocked = document.getElementById("sound-blocked");
    this.on = localStorage.getItem(REMEMBERED) !== "off";
    this.allowed = false; // browsers let a page sound after the first click or key only
    this.ringing = 0;
    this.sounding = new Set();
    this.context = new AudioContext();
    this.output = this.context.createGain();
    this.output.connect(this.context.destination);
    this.button.addEventListener("click", () => this.#switch());
    for (const gesture of ["pointerup", "keydown"]) addEventListener(gesture, () => this.allowed || this.#wake(), { capture: true });
    this.#wake();
    setTimeout(() => this.#show(), PROBED_MS);
  }

  // "bad" or "warn", once. What could not be heard now is not heard later.
  play(name) {
    if (!this.on || !this.allowed) return;
    this.#rouse();
    const begin = this.context.currentTime + 0.02;
    for (const [after, seconds, ...hertz] of SOUNDS[name]) {
      for (const one of hertz) this.#tone(begin + after, seconds, one);
    }
  }

  // Rings until it is told not to.
  ring(on) {
    if (on === Boolean(this.ringing)) return;
    clearInterval(this.ringing);
    this.ringing = on ? setInterval(() => this.play("ring"), RING_MS) : 0;
    if (on) this.play("ring");
    else this.#hush();
  }

  #tone(begin, seconds, hertz) {
    const volume = this.context.createGain();
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(LOUD, begin + 0.01); // without the ramps it clicks
    volume.gain.setValueAtTime(LOUD, begin + seconds - 0.02);
    volume.gain.linearRampToValueAtTime(0, begin + seconds);
    volume.connect(this.output);
    const tone = this.context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(volume);
    this.sounding.add(volume);
    tone.onended = () => {
      volume.disconnect();
      this.sounding.delete(volume);
      this.#rest();
    };
    tone.start(begin);
    tone.stop(begin + seconds);
  }

  #hush() {
    for (const volume of this.sounding) volume.disconnect();
    this.sounding.clear();
    this.#rest();
  }

  #switch() {
    this.on = !this.on;
    localStorage.setItem(REMEMBERED, this.on ? "on" : "off");
    if (!this.on) this.#hush();
    else if (this.ringing) this.play("ring");
    this.#show();
  }

  async #wake() {
    await this.context.resume(); // where it is not allowed yet, this waits
    if (this.allowed) return;
    this.allowed = true;
    if (this.ringing) this.play("ring");
    else this.#rest();
    this.#show();
  }

  #rouse() {
    clearTimeout(this.resting);
    this.context.resume();
  }

  // A silent page does not keep the loudspeaker busy.
  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.sounding.size || this.context.suspend(), 500);
  }

  #show() {
    this.button.setAttribute("aria-pressed", String(this.on));
    this.blocked.hidden = !this.on || this.allowed;
  }
}

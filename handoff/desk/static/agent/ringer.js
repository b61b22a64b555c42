// The ring: made here, no file needed. Two tones, one second of four.

export class Ringer {
  ring(on) {
    if (on === Boolean(this.timer)) return;
    if (!on) {
      clearInterval(this.timer);
      this.timer = 0;
      this.context?.close();
      this.context = null;
      return;
    }
    this.context = new AudioContext();
    this.#burst();
    this.timer = setInterval(() => this.#burst(), 4000);
  }

  #burst() {
    const { currentTime: now } = this.context;
    const volume = this.context.createGain();
    volume.gain.setValueAtTime(0.08, now);
    volume.gain.setValueAtTime(0, now + 1);
    volume.connect(this.context.destination);
    for (const hertz of [425, 480]) {
      const tone = this.context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(volume);
      tone.start(now);
      tone.stop(now + 1);
    }
  }
}

// Microphone, loudspeaker and volume, as chosen; the choice is remembered by this browser.

import { attempt } from "../http.js";

const by = (id) => document.getElementById(id);

export class Sound {
  // changed(stream): another microphone was chosen while one was in use
  constructor(speaker, changed) {
    this.speaker = speaker;
    this.changed = changed;
    this.stream = null;
    by("volume").value = localStorage.getItem("volume") ?? "100";
    this.#volume();
    by("volume").addEventListener("input", () => this.#volume());
    by("microphone").addEventListener("change", () => attempt(() => this.#microphone()));
    by("loudspeaker").addEventListener("change", () => attempt(() => this.#loudspeaker()));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#list());
  }

  async open() {
    if (!navigator.mediaDevices) throw new Error("The browser gives the microphone to secure pages only: open the desk by https, or on localhost.");
    const chosen = localStorage.getItem("microphone");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: chosen ? { deviceId: { ideal: chosen } } : true });
    } catch (error) {
      throw new Error(`There is no microphone for the phone (${error.name}). Allow it in the browser's address line, or plug one in.`);
    }
    await this.#list();
    await this.#loudspeaker();
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  #volume() {
    this.speaker.volume = Number(by("volume").value) / 100;
    localStorage.setItem("volume", by("volume").value);
  }

  async #microphone() {
    localStorage.setItem("microphone", by("microphone").value);
    if (!this.stream) return;
    this.close();
    await this.open();
    await this.changed(this.stream);
  }

  async #loudspeaker() {
    const chosen = by("loudspeaker").value;
    localStorage.setItem("loudspeaker", chosen);
    if (chosen && this.speaker.setSinkId) await this.speaker.setSinkId(chosen);
  }

  async #list() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const [id, kind] of [["microphone", "audioinput"], ["loudspeaker", "audiooutput"]]) {
      const chosen = localStorage.getItem(id) ?? "";
      const options = devices.filter((device) => device.kind === kind).map(({ deviceId, label }, index) => {
        const option = new Option(label || `${id} ${index + 1}`, deviceId);
        option.selected = deviceId === chosen;
        return option;
      });
      by(id).replaceChildren(...options);
      by(id).closest("label").hidden = options.length === 0;
    }
  }
}

// The audio of one call: a peer connection between the microphone and the loudspeaker. G.711 only, so that Asterisk transcodes nothing.

const GATHER_MS = 1000;
const SHARED = ["audio/pcmu", "audio/pcma", "audio/telephone-event"];

export class Media {
  // stream: the microphone's; speaker: the <audio> element
  constructor(stream, speaker) {
    this.speaker = speaker;
    this.peer = new RTCPeerConnection({ iceServers: [] });
    this.track = stream.getAudioTracks()[0].clone();
    this.track.enabled = false; // nothing is sent before the call is answered
    this.muted = false;
    this.live = false;
    this.held = false;
    this.peer.ontrack = ({ track, streams }) => {
      speaker.srcObject = streams[0] ?? new MediaStream([track]);
      speaker.play().catch(() => {}); // a page without a click yet may not sound; answering is one
    };
  }

  async offer() {
    this.#addTrack();
    await this.peer.setLocalDescription(await this.peer.createOffer());
    return this.#gathered();
  }

  async answer(sdp) {
    await this.peer.setRemoteDescription({ type: "offer", sdp });
    if (!this.sender) this.#addTrack();
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    return this.#gathered();
  }

  async accept(sdp) {
    if (this.peer.signalingState === "have-local-offer") await this.peer.setRemoteDescription({ type: "answer", sdp });
  }

  // A new offer after a change of direction.
  async reoffer(held) {
    this.held = held;
    this.transceiver.direction = held ? "sendonly" : "sendrecv"; // sendonly: packets go on, so that nobody takes the call for dead
    this.speaker.muted = held;
    this.#apply();
    await this.peer.setLocalDescription(await this.peer.createOffer());
    return this.#gathered();
  }

  async rollback() {
    if (this.peer.signalingState === "have-local-offer") await this.peer.setLocalDescription({ type: "rollback" });
  }

  start() {
    this.live = true;
    this.#apply();
  }

  mute(on) {
    this.muted = on;
    this.#apply();
  }

  // Changes the microphone in mid-call.
  async use(stream) {
    this.track.stop();
    this.track = stream.getAudioTracks()[0].clone();
    this.#apply();
    await this.sender.replaceTrack(this.track);
  }

  digit(key) {
    if (!this.sender?.dtmf?.canInsertDTMF) throw new Error("This call takes no keys.");
    this.sender.dtmf.insertDTMF(key, 160, 70);
  }

  // Resolves with counts of packets and bytes, and the codec, for the quality line and for tests.
  async figures() {
    const found = { sent: 0, received: 0, lost: 0, jitterMs: 0, codec: "", level: 0 };
    const report = await this.peer.getStats();
    for (const entry of report.values()) {
      if (entry.type === "outbound-rtp") found.sent = entry.packetsSent;
      if (entry.type === "inbound-rtp") {
        found.received = entry.packetsReceived;
        found.lost = entry.packetsLost;
        found.jitterMs = Math.round(entry.jitter * 1000);
        found.level = entry.audioLevel ?? 0;
        found.codec = report.get(entry.codecId)?.mimeType ?? "";
      }
    }
    return found;
  }

  close() {
    this.track.stop();
    this.peer.close();
    this.speaker.srcObject = null;
    this.speaker.muted = false;
  }

  #apply() {
    this.track.enabled = this.live && !this.muted && !this.held;
  }

  #addTrack() {
    this.sender = this.peer.addTrack(this.track);
    this.transceiver = this.peer.getTransceivers()[0];
    const codecs = RTCRtpReceiver.getCapabilities("audio").codecs.filter(({ mimeType, clockRate }) =>
      SHARED.includes(mimeType.toLowerCase()) && clockRate === 8000);
    this.transceiver.setCodecPreferences(codecs);
  }

  // Asterisk takes all candidates at once; without STUN they are there within milliseconds.
  async #gathered() {
    if (this.peer.iceGatheringState !== "complete") {
      await new Promise((resolve) => {
        const limit = setTimeout(resolve, GATHER_MS);
        this.peer.onicegatheringstatechange = () => {
          if (this.peer.iceGatheringState !== "complete") return;
          clearTimeout(limit);
          resolve();
        };
      });
    }
    return this.peer.localDescription.sdp;
  }
}

// One call: the recording with its wave, tied to the transcript, and the transcript of a call that goes on.
import { get } from "/static/http.js";
import { live } from "/static/live.js";
import { patchList } from "/static/patch_list.js";

const transcript = document.getElementById("transcript");
const player = document.getElementById("player");

document.getElementById("all-events").addEventListener("change", (event) => {
  transcript.classList.toggle("every", event.target.checked);
});

if ("live" in transcript.dataset) {
  const id = transcript.dataset.call;
  let waiting = 0;
  const refresh = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const low = innerHeight + scrollY > document.body.scrollHeight - 80;
      patchList(transcript, await get(`/calls/${id}/transcript`));
      if (low) scrollTo({ top: document.body.scrollHeight });
    }, 200);
  };
  live([`call:${id}`], { turn: refresh, event: refresh, card: () => location.reload(), call: () => location.reload() });
}

function shown(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function play() {
  const id = player.dataset.call;
  const start = Number(player.dataset.start) / 1000;
  const audio = document.getElementById("audio");
  const canvas = document.getElementById("wave");
  const button = document.getElementById("play");
  const position = document.getElementById("position");
  let wave = { duration_s: 0, legs: [] };
  let wished = null;

  function draw() {
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const done = wave.duration_s ? (audio.currentTime / wave.duration_s) * width : 0;
    const lane = height / Math.max(1, wave.legs.length);
    wave.legs.forEach((peaks, index) => {
      const middle = lane * index + lane / 2;
      const step = width / peaks.length;
      peaks.forEach((peak, place) => {
        const tall = Math.max(1, (peak / 100) * (lane - 6));
        context.fillStyle = style.getPropertyValue(place * step <= done ? "--accent" : "--muted");
        context.fillRect(place * step, middle - tall / 2, Math.max(0.5, step * 0.8), tall);
      });
    });
    context.fillStyle = style.getPropertyValue("--focus");
    context.fillRect(done, 0, 2, height);
  }

  function follow() {
    const now = (audio.currentTime + start) * 1000;
    position.textContent = `${shown(audio.currentTime)} / ${shown(wave.duration_s)}`;
    for (const turn of transcript.querySelectorAll(".turn[data-to]")) {
      const on = !audio.paused && now >= Number(turn.dataset.from) && now < Number(turn.dataset.to);
      if (on && !turn.classList.contains("now")) turn.scrollIntoView({ block: "nearest", behavior: "smooth" });
      turn.classList.toggle("now", on);
    }
    draw();
  }

  function seek(seconds, thenPlay) {
    if (!audio.src) audio.src = `/calls/${id}/audio`;
    wished = Math.max(0, seconds);
    if (audio.readyState >= 1) {
      audio.currentTime = wished;
      wished = null;
    }
    if (thenPlay) audio.play();
    follow();
  }

  audio.addEventListener("loadedmetadata", () => {
    if (wished !== null) audio.currentTime = wished;
    wished = null;
  });
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("seeked", follow);
  for (const name of ["play", "pause", "ended"]) {
    audio.addEventListener(name, () => {
      button.querySelector("span").textContent = audio.paused ? "Play" : "Pause";
      button.setAttribute("aria-pressed", String(!audio.paused));
      follow();
    });
  }
  button.addEventListener("click", () => {
    if (!audio.src) audio.src = `/calls/${id}/audio`;
    if (audio.paused) audio.play();
    else audio.pause();
  });
  document.getElementById("back").addEventListener("click", () => seek(audio.currentTime - 5));
  document.getElementById("ahead").addEventListener("click", () => seek(audio.currentTime + 5));
  document.getElementById("speed").addEventListener("change", (event) => {
    audio.playbackRate = Number(event.target.value);
  });
  canvas.addEventListener("click", (event) => {
    seek((event.offsetX / canvas.clientWidth) * wave.duration_s, true);
  });
  transcript.addEventListener("click", (event) => {
    const turn = event.target.closest("button.at")?.closest(".turn");
    if (turn) seek(Number(turn.dataset.from) / 1000 - start, true);
  });
  // Grounds of rules and points of the mood, each at its moment of the recording.
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-play-ms]");
    if (mark) seek(Number(mark.dataset.playMs) / 1000 - start, true);
  });
  addEventListener("resize", draw);
  get(`/calls/${id}/peaks`).then(
    (found) => {
      wave = found;
      follow();
    },
    (error) => {
      player.replaceChildren(Object.assign(document.createElement("p"), { className: "muted", textContent: error.message }));
    },
  );
}

if (player) play();

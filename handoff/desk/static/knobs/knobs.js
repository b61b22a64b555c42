// Checks forms while they are typed, finds texts, adds up shares, and holds the conversation in writing.
import { attempt, get, post } from "../http.js";

const PAUSE_MS = 500;

function showMistakes(mistakes) {
  const box = document.getElementById("mistakes");
  if (!box) return;
  box.replaceChildren();
  if (!mistakes.length) return;
  const problem = document.createElement("div");
  problem.className = "problem";
  const title = document.createElement("strong");
  title.textContent = "This cannot be published yet:";
  const list = document.createElement("ul");
  for (const { file, line, path, what } of mistakes.slice(0, 30)) {
    const item = document.createElement("li");
    const place = document.createElement("a");
    place.href = "#";
    place.className = "mono";
    place.textContent = file ? `${file}:${line}` : "the agent";
    place.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(file, line);
    });
    item.append(place, ` ${path}${path ? ": " : ""}${what}`);
    list.append(item);
  }
  problem.append(title, list);
  box.append(problem);
}

function goTo(file, line) {
  const area = document.querySelector("textarea[data-file]");
  if (area?.dataset.file !== file) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = (line - 5) * (area.scrollHeight / lines.length);
}

function showWrong(form, fields) {
  for (const line of form.querySelectorAll("[data-wrong]")) {
    const text = fields[line.dataset.wrong] ?? "";
    line.textContent = text;
    line.hidden = !text;
    const input = form.elements.namedItem(line.dataset.wrong);
    if (input instanceof Element) input.setAttribute("aria-invalid", String(Boolean(text)));
  }
}

// Forms that hold what is in no draft yet: leaving them asks first.
const unsaved = new Set();
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});

for (const form of document.querySelectorAll("form[data-check]")) {
  let timer = 0;
  let latest = 0;
  form.addEventListener("submit", () => unsaved.delete(form));
  form.addEventListener("input", () => {
    unsaved.add(form);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      latest += 1;
      const mine = latest;
      const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !["csrf", "section", "anchor"].includes(name)));
      const found = await attempt(() => post(form.dataset.check, { fields }));
      if (found && mine === latest) {
        showMistakes(found.mistakes);
        showWrong(form, found.fields);
      }
    }, PAUSE_MS);
  });
}

const find = document.getElementById("find-text");
find?.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase();
  for (const node of document.querySelectorAll(".knob-node")) {
    const words = [node.querySelector("summary").textContent, ...[...node.querySelectorAll("textarea, .knob-said")].map((box) => box.value ?? box.textContent)];
    node.hidden = wanted !== "" && !words.join("\n").toLowerCase().includes(wanted);
  }
});

const named = location.hash && document.getElementById(location.hash.slice(1));
if (named instanceof HTMLDetailsElement) named.open = true;

const shares = [...document.querySelectorAll(".knob-share")];
const sum = document.getElementById("split-sum");
function addUp() {
  const whole = shares.reduce((total, box) => total + (Number(box.value) || 0), 0);
  sum.textContent = whole === 100 ? "" : `These add up to ${whole} %, they must add up to 100 %.`;
}
if (sum) {
  for (const box of shares) box.addEventListener("input", addUp);
}

const chat = document.getElementById("chat");
if (chat) {
  const form = document.getElementById("chat-form");
  const words = document.getElementById("chat-words");
  const state = document.getElementById("chat-state");
  const buttons = [words, document.getElementById("chat-send"), document.getElementById("chat-silence")];
  let id = "";

  const show = (who, text) => {
    const line = document.createElement("li");
    line.className = who === "caller" ? "turn caller" : who === "agent" ? "turn" : "turn event";
    const body = document.createElement("div");
    body.className = "body";
    body.textContent = who === "end" ? `The call ends: ${text}` : text;
    line.append(body);
    chat.append(line);
    chat.scrollTop = chat.scrollHeight;
  };

  const take = (answer) => {
    if (!answer) return;
    for (const line of answer.lines) show(line.who, line.text);
    const slots = Object.entries(answer.slots).map(([name, value]) => `${name} ${value}`).join(", ");
    state.textContent = `At node ${answer.node}.${slots ? ` Known: ${slots}.` : ""}`;
    for (const button of buttons) button.disabled = answer.ended;
    if (!answer.ended) words.focus();
  };

  const say = async (text) => {
    show("caller", text);
    for (const button of buttons) button.disabled = true;
    const answer = await attempt(() => post(`${chat.dataset.path}/${id}`, { words: text }));
    if (answer) take(answer);
    else for (const button of buttons) button.disabled = false;
  };

  document.getElementById("chat-start").addEventListener("click", async () => {
    const answer = await attempt(() => post(chat.dataset.path));
    if (!answer) return;
    chat.replaceChildren();
    id = answer.id;
    take(answer);
  });
  document.getElementById("chat-silence").addEventListener("click", () => say("[silence]"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = words.value.trim();
    words.value = "";
    if (text && id) say(text);
  });
}

// A call with the draft: a worker makes it ready, then our phones can dial it.
const DRAFT_STATES = {
  preparing: "It is being made ready …",
  failed: "No worker can use this draft; the log says why.",
  over: "Nobody has made it ready. Does the service run?",
};

const draftCall = document.getElementById("draft-call");
draftCall?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = document.getElementById("draft-call-state");
  const button = draftCall.querySelector("button");
  button.disabled = true;
  told.textContent = DRAFT_STATES.preparing;
  const offered = await attempt(() => post(draftCall.dataset.path));
  let state = offered ? "preparing" : "";
  for (let tries = 0; state === "preparing" && tries < 60; tries += 1) {
    await new Promise((done) => setTimeout(done, 500));
    const answer = await attempt(() => get(`${draftCall.dataset.path}/${offered.code}`));
    state = answer ? answer.state : "";
  }
  button.disabled = false;
  if (state !== "ready") {
    told.textContent = state ? DRAFT_STATES[state === "preparing" ? "over" : state] : "";
    return;
  }
  const number = document.createElement("strong");
  number.textContent = offered.number;
  const link = document.createElement("a");
  link.href = `/agent?dial=${encodeURIComponent(offered.number)}`;
  link.textContent = "Call it from My desk";
  told.replaceChildren("Ready for half an hour: ", number, " from any phone of this service. ", link);
});

// Queues, their members and alerts.
import { DASH, MEMBER_STATES, keep, node, percent, seconds, setHidden, setSince, setText } from "./text.js";

const FIGURES = [
  ["waiting", "waiting"],
  ["longest", "longest wait"],
  ["level", "service level today"],
  ["recent", "last 30 min"],
  ["asa", "speed of answer"],
  ["abandonment", "abandoned"],
  ["staff", "agents free"],
];

function figure(label) {
  const made = node("div", "stat");
  made.append(node("span", "muted", label), node("strong", "", DASH));
  return made;
}

function makeQueue(queue) {
  const made = node("article", "floor-queue");
  const figures = node("div", "floor-figures");
  made.parts = new Map(FIGURES.map(([key, label]) => [key, figure(label)]));
  figures.append(...made.parts.values());
  made.definition = node("p", "muted floor-definition");
  made.line = node("ol", "floor-line");
  made.places = new Map();
  made.append(node("h3", "", queue.name), figures, made.definition, made.line);
  return made;
}

function share(part, ratio, shown) {
  setText(part.lastElementChild, shown(ratio?.value));
  part.title = ratio ? `${ratio.numerator} ÷ ${ratio.denominator}: ${ratio.words}` : "";
}

function patchQueue(made, queue) {
  const value = (key) => made.parts.get(key).lastElementChild;
  setText(value("waiting"), String(queue.waiting.length));
  setSince(value("longest"), queue.longest_since);
  share(made.parts.get("level"), queue.today.service_level, percent);
  share(made.parts.get("recent"), queue.last_30_min.service_level, percent);
  share(made.parts.get("asa"), queue.today.asa, seconds);
  share(made.parts.get("abandonment"), queue.today.abandonment, percent);
  setText(value("staff"), `${queue.available} of ${queue.serving}`);
  const { service_level: level, answered, offered } = queue.today;
  const changed = queue.changed_at ? " The definition changed today: figures from before are not comparable." : "";
  setText(made.definition, `Service level: ${level?.words ?? DASH}. Today ${answered} of ${offered} offered were answered.${changed}`);
  keep(made.line, made.places, queue.waiting, (caller) => `${caller.position} ${caller.since}`, makePlace, patchPlace);
}

function makePlace() {
  const made = node("li");
  made.append(node("bdi"), " ", node("span", "floor-since"), " ", node("span", "badge accent"));
  return made;
}

function patchPlace(made, caller) {
  const [number, since, ai] = made.children;
  setText(number, caller.number ?? "withheld");
  setSince(since, caller.since);
  setText(ai, caller.with_ai ? "with the AI" : "");
  setHidden(ai, !caller.with_ai);
}

function makeMember() {
  const made = node("li", "row");
  made.append(node("span", "badge"), node("strong"), node("span", "floor-since"), node("span", "muted"));
  return made;
}

function patchMember(made, member) {
  const [state, name, since, about] = made.children;
  const [text, tone] = MEMBER_STATES[member.state] ?? [member.state, ""];
  setText(state, text);
  state.className = tone ? `badge ${tone}` : "badge";
  setText(name, member.name);
  setSince(since, member.since);
  setText(about, [member.reason && `“${member.reason}”`, member.queues.join(", ")].filter(Boolean).join(" · "));
}

export class Panels {
  constructor(root, onAlert) {
    const part = (name) => root.querySelector(`#floor-${name}`);
    this.queues = part("queues");
    this.members = part("members");
    this.counts = part("member-counts");
    this.stale = part("stale");
    this.none = part("no-queues");
    this.alerts = part("alerts");
    this.known = { queues: new Map(), members: new Map(), alerts: new Map() };
    this.onAlert = onAlert;
    this.names = [];
  }

  showQueues({ queues, members, stale_since: stale }) {
    this.names = queues.map((queue) => queue.name);
    setHidden(this.stale, stale === null);
    setHidden(this.none, queues.length > 0);
    keep(this.queues, this.known.queues, queues, (queue) => queue.name, makeQueue, patchQueue);
    keep(this.members, this.known.members, members, (member) => member.id, makeMember, patchMember);
    const counts = Object.entries(MEMBER_STATES)
      .map(([state, [text, tone]]) => [members.filter((member) => member.state === state).length, text, tone])
      .filter(([count]) => count > 0);
    this.counts.replaceChildren(...counts.map(([count, text, tone]) => node("span", `badge ${tone}`, `${count} ${text}`)));
  }

  showAlerts(alerts) {
    keep(this.alerts, this.known.alerts, alerts, (alert) => alert.key, (alert) => this.#makeAlert(alert), patchAlert);
  }

  // One of a call leads to it.
  #makeAlert({ call_id: call }) {
    const made = node("li");
    const box = node(call ? "button" : "p");
    if (call) {
      box.type = "button";
      box.addEventListener("click", () => this.onAlert(call));
    }
    const since = node("span", "floor-since");
    since.setAttribute("role", "timer"); // runs on without being read aloud
    box.append(node("span"), " ", since);
    made.append(box);
    return made;
  }
}

function patchAlert(made, alert) {
  const box = made.firstElementChild;
  box.className = alert.level === "bad" ? "problem" : "note";
  setText(box.firstElementChild, alert.text);
  setSince(box.lastElementChild, alert.since);
  setHidden(box.lastElementChild, alert.since === null);
}

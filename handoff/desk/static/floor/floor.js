// The supervisor's floor. The server sends what changed; rows are patched in place and never drawn anew.
import { get } from "../http.js";
import { live } from "../live.js";
import { Tones } from "../tones.js";
import { Alarm } from "./alarm.js";
import { Detail } from "./detail.js";
import { Panels } from "./panels.js";
import { CallRow } from "./row.js";
import { serverTime, setHidden, setText, tick } from "./text.js";

const STAYS_MS = 4000;

const root = document.getElementById("floor");
const list = document.getElementById("floor-calls");
const rows = new Map();
let selected = null;
const tones = new Tones();
const alarm = new Alarm(tones);

const first = JSON.parse(root.dataset.state);
const panels = new Panels(root, (id) => rows.has(id) && select(rows.get(id), true));
const detail = new Detail(root, { steerable: first.steerable, phone: root.dataset.phone, queues: () => panels.names });

function select(row, scroll = false) {
  selected?.select(false);
  selected = row;
  row?.select(true);
  detail.show(row);
  if (row && scroll) {
    row.head.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "nearest" });
  }
}

function count() {
  const number = [...rows.values()].filter((row) => !row.element.classList.contains("ended")).length;
  setText(document.getElementById("floor-count"), number === 1 ? "1 call" : `${number} calls`);
  setHidden(document.getElementById("floor-empty"), rows.size > 0);
  const needing = list.querySelectorAll(".attention:not(.ended)").length;
  setText(document.getElementById("floor-attention-count"), String(needing));
  setHidden(document.getElementById("floor-none-needs"), !list.classList.contains("only-attention") || needing > 0 || rows.size === 0);
}

function patch(id, fields) {
  let row = rows.get(id);
  if (!row) {
    row = new CallRow(id, (chosen) => select(chosen === selected ? null : chosen));
    rows.set(id, row);
    list.append(row.element);
  }
  row.patch(fields);
  if (row === selected) detail.refresh();
}

function end(id) {
  const row = rows.get(id);
  if (!row) return;
  row.end();
  if (row === selected) detail.refresh();
  setTimeout(() => remove(row), STAYS_MS);
}

function remove(row) {
  if (rows.get(row.id) !== row) return;
  if (row === selected) select(null);
  rows.delete(row.id);
  row.element.remove();
  count();
}

function move(by) {
  const order = [...list.children].filter((element) => element.checkVisibility()).map((element) => rows.get(element.dataset.id)).filter(Boolean);
  if (!order.length) return;
  const place = selected ? order.indexOf(selected) + by : by > 0 ? 0 : order.length - 1;
  select(order[Math.max(0, Math.min(order.length - 1, place))], true);
}

function begin(state) {
  serverTime(state.now);
  const here = new Set(state.calls.map((call) => call.id));
  for (const row of [...rows.values()]) if (!here.has(row.id)) remove(row);
  for (const call of state.calls) patch(call.id, call);
  panels.showQueues(state.queues);
  showAlerts(state.alerts);
  showResting(state.resting);
  count();
}

function showAlerts(alerts) {
  panels.showAlerts(alerts);
  alarm.told(alerts);
}

function showResting(text) {
  const banner = document.getElementById("resting");
  setText(banner, text);
  setHidden(banner, !text);
}

function follow() {
  live(["floor"], {
    floor_calls: ({ calls, gone }) => {
      for (const [id, fields] of Object.entries(calls)) patch(id, fields);
      gone.forEach(end);
      count();
    },
    floor_queues: (queues) => panels.showQueues(queues),
    floor_alerts: ({ alerts }) => showAlerts(alerts),
    floor_resting: ({ text }) => showResting(text),
    reload: again,
  });
}

// Something was missed: the state of now, then on from there. What is selected stays.
async function again() {
  try {
    const state = await get("/floor/state");
    document.querySelector('meta[name="live-id"]').content = state.live_id;
    begin(state);
    follow();
  } catch {
    setTimeout(again, 2000);
  }
}

document.getElementById("floor-attention").addEventListener("click", ({ currentTarget: button }) => {
  const only = list.classList.toggle("only-attention");
  button.setAttribute("aria-pressed", String(only));
  count();
});
document.getElementById("floor-next").addEventListener("click", () => move(1));
document.getElementById("floor-previous").addEventListener("click", () => move(-1));
begin(first);
follow();
setInterval(tick, 1000);

// Scripts of tests reach the sound by this.
globalThis.floor = { tones };

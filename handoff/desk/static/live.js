// Live topics over one stream. `on` maps names of events to functions of their data; `reload` is called when something was missed.
import { notice } from "./http.js";

const firstRetry = 1000;
const longestRetry = 15000;

export function live(topics, on) {
  let since = document.querySelector('meta[name="live-id"]').content;
  let retry = firstRetry;
  let source = null;
  let timer = 0;
  const state = document.getElementById("live-state");

  function say(text) {
    if (!state) return;
    state.textContent = text;
    state.hidden = !text;
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function open() {
    close();
    const query = new URLSearchParams([...topics.map((topic) => ["topic", topic]), ["since", since]]);
    source = new EventSource(`/live?${query}`);
    source.onopen = () => {
      retry = firstRetry;
      say("");
    };
    source.onerror = () => {
      close();
      say("reconnecting …");
      timer = setTimeout(open, retry);
      retry = Math.min(retry * 2, longestRetry);
    };
    for (const [name, handler] of Object.entries(on)) {
      if (name === "reload") continue;
      source.addEventListener(name, (event) => {
        since = event.lastEventId;
        handler(JSON.parse(event.data));
      });
    }
    source.addEventListener("reload", () => {
      close();
      (on.reload ?? (() => location.reload()))();
    });
    source.addEventListener("ended", () => {
      close();
      say("logged out");
      notice("You were logged out. Reload the page to log in.", { bad: true, seconds: 3600 });
    });
  }

  open();
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  return { close };
}

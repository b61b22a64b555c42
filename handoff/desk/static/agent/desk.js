// The agent's page: joins state, phone, card, wrap-up and callbacks.

import { live } from "../live.js";
import { notice } from "../http.js";
import { AgentState } from "./state.js";
import { CardPanel } from "./card_panel.js";
import { WrapUp } from "./wrap_up.js";
import { Callbacks } from "./callbacks.js";
import { PhonePanel } from "./phone_panel.js";

const page = document.getElementById("agent").dataset;
const queues = page.queues.split(" ").filter(Boolean);

const state = new AgentState();
const wrapUp = new WrapUp(state);
const card = new CardPanel(queues, {
  shown: (found) => {
    wrapUp.of(found);
    phone?.briefed(found);
  },
});
const phone = page.line
  ? new PhonePanel(page, {
      ringing: (call) => card.ringing(call.card),
      over: (call) => {
        if (call.wasAnswered) wrapUp.begin(card.current);
      },
      changed: () => state.soon(),
    })
  : null;
const callbacks = new Callbacks(phone);

const own = page.interface ? [`ring:${page.interface}`] : [];
live([...queues.map((queue) => `cards:${queue}`), `cards:@${page.user}`, ...own], {
  card: (told) => card.told(told),
  mine: (told) => card.mine(told),
  callback: () => callbacks.refresh(),
  reload: () => {
    // A call on the browser phone outlives what a missed event is worth: nothing is reloaded under it.
    if (phone?.busy) {
      card.refresh();
      notice("Some news were missed; the card was fetched anew.");
    } else {
      location.reload();
    }
  },
});

// Scripts of tests reach the parts by this.
globalThis.desk = { state, card, phone, wrapUp };

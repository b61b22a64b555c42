// The agent's page: joins state, phone, card, wrap-up and callbacks.

import { live } from "../live.js";
import { notice } from "../http.js";
import { Tones } from "../tones.js";
import { AgentState } from "./state.js";
import { CardPanel } from "./card_panel.js";
import { WrapUp } from "./wrap_up.js";
import { Callbacks } from "./callbacks.js";
import { PhonePanel } from "./phone_panel.js";
import { Said } from "./said.js";

const page = document.getElementById("agent").dataset;
const queues = page.queues.split(" ").filter(Boolean);

const RUNG_APART_MS = 3000; // several may tell of one ring
const tones = new Tones();
const said = new Said();
const state = new AgentState();
const wrapUp = new WrapUp(state);
const card = new CardPanel(queues, {
  shown: (found, article) => {
    said.card(found, article);
    wrapUp.of(found);
    phone?.briefed(found);
  },
});
const phone = page.line
  ? new PhonePanel(page, tones, {
      ringing: (call) => {
        said.rings(call.party);
        return card.ringing(call.card);
      },
      over: (call) => {
        said.quiet();
        if (call.wasAnswered) wrapUp.begin(card.current);
      },
      changed: () => state.soon(),
    })
  : null;
const callbacks = new Callbacks(phone);

let rung = 0;
const own = page.interface ? [`ring:${page.interface}`] : [];
live([...queues.map((queue) => `cards:${queue}`), `cards:@${page.user}`, ...own], {
  card: (told) => card.told(told),
  mine: (told) => {
    // A telephone on the table rings: here once. The phone of this page rings by itself.
    if (!phone?.ready && Date.now() - rung > RUNG_APART_MS) {
      rung = Date.now();
      tones.play("ring");
    }
    card.mine(told);
  },
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
globalThis.desk = { state, card, phone, wrapUp, tones };

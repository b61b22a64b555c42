// SIP over one WebSocket (RFC 7118) that comes back by itself, with client transactions on top.
// The transport is reliable, so nothing is repeated: a request ends with its answer, with a time-out, or with the socket.

import { parse, token } from "./sip_message.js";

const ANSWER_WITHIN_MS = 32000; // timer B of RFC 3261
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;
export const TAKEN_OVER = 4001; // close code: the same account opened its phone in another window

export class SipSocket {
  // onOpen(), onClosed({final, reason}), onRequest(message)
  constructor(url, { onOpen, onClosed, onRequest }) {
    this.url = url;
    this.handlers = { onOpen, onClosed, onRequest };
    this.host = `${token(6)}.invalid`; // a browser has no address of its own (RFC 7118 5)
    this.transactions = new Map();
    this.waitMs = FIRST_WAIT_MS;
    this.wanted = false;
    this.socket = null;
  }

  open() {
    this.wanted = true;
    this.#connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close(1000);
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(message) {
    if (!this.isOpen) throw new Error("The phone is not connected to the telephone system.");
    this.socket.send(message.toString());
  }

  via(branch) {
    return `SIP/2.0/WS ${this.host};branch=${branch}`;
  }

  // Sends a request and resolves with its final response; onProvisional gets the 1xx. Rejects when none comes.
  request(message, onProvisional = () => {}) {
    const branch = `z9hG4bK${token()}`;
    message.headers.unshift(["Via", this.via(branch)]);
    message.branch = branch;
    return new Promise((resolve, reject) => {
      const key = `${branch} ${message.method}`;
      const limit = setTimeout(() => this.#end(key)?.reject(new Error(`No answer to ${message.method}.`)), ANSWER_WITHIN_MS);
      this.transactions.set(key, { resolve, reject, onProvisional, limit });
      try {
        this.send(message);
      } catch (error) {
        this.#end(key);
        reject(error);
      }
    });
  }

  #connect() {
    const socket = new WebSocket(this.url, "sip");
    this.socket = socket;
    socket.onopen = () => {
      this.waitMs = FIRST_WAIT_MS;
      this.handlers.onOpen();
    };
    socket.onmessage = ({ data }) => this.#received(String(data));
    socket.onclose = (event) => this.#closed(socket, event);
  }

  #received(text) {
    const message = parse(text);
    if (message === null) return;
    if (message.isRequest) {
      this.handlers.onRequest(message);
      return;
    }
    const branch = /;\s*branch=([^;,\s]+)/i.exec(message.get("Via"))?.[1];
    const key = `${branch} ${message.method}`;
    const transaction = this.transactions.get(key);
    if (transaction === undefined) return;
    if (message.status < 200) {
      clearTimeout(transaction.limit); // it rings; for how long is up to the caller
      transaction.onProvisional(message);
    } else {
      this.#end(key).resolve(message);
    }
  }

  #end(key) {
    const transaction = this.transactions.get(key);
    if (transaction !== undefined) clearTimeout(transaction.limit);
    this.transactions.delete(key);
    return transaction;
  }

  #closed(socket, event) {
    if (this.socket !== socket) return;
    for (const key of [...this.transactions.keys()]) this.#end(key).reject(new Error("The connection to the telephone system was lost."));
    const final = !this.wanted || event.code === TAKEN_OVER;
    this.handlers.onClosed({ final, reason: event.reason });
    if (final) return;
    this.timer = setTimeout(() => this.#connect(), this.waitMs * (0.5 + Math.random() / 2));
    this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
  }
}

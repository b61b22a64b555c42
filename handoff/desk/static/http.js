// Requests to our own server. Errors become notices that say what the server said.

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

export class RequestFailed extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function answer(response) {
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  }
  const type = response.headers.get("Content-Type") ?? "";
  const body = type.startsWith("application/json") ? await response.json() : await response.text();
  if (!response.ok) throw new RequestFailed(body?.error ?? `The desk answered ${response.status}.`, response.status);
  return body;
}

async function send(path, init) {
  try {
    return await answer(await fetch(path, { credentials: "same-origin", ...init }));
  } catch (error) {
    if (error instanceof RequestFailed) throw error;
    throw new RequestFailed("The desk cannot be reached. Is the network up?", 0);
  }
}

// JSON, or text for pages' fragments.
export const get = (path) => send(path, { headers: { Accept: "application/json, text/html;q=0.5" } });

export const post = (path, data = {}) =>
  send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf() },
    body: JSON.stringify(data),
  });

// A line at the edge of the page for some seconds.
export function notice(text, { bad = false, seconds = 6 } = {}) {
  const line = document.createElement("div");
  line.className = bad ? "notice bad" : "notice";
  if (bad) line.setAttribute("role", "alert");
  line.textContent = text;
  document.getElementById("notices").append(line);
  setTimeout(() => line.remove(), seconds * 1000);
}

// Runs something after which the user should know whether it went well.
export async function attempt(work, done) {
  try {
    const result = await work();
    if (done) notice(done);
    return result;
  } catch (error) {
    notice(error.message, { bad: true, seconds: 10 });
    return null;
  }
}

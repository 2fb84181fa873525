// Speaks to the sandbox: requests, and the stream of changes.

export class Refused extends Error {}

async function ask(method, path, body) {
  const options = { method };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(`/__sandbox/${path}`, options);
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(json.error || `The sandbox said ${answer.status}.`);
  return json;
}

export const get = (path) => ask("GET", path);
export const post = (path, body = {}) => ask("POST", path, body);
export const remove = (path) => ask("DELETE", path);

// Calls `heard` for every change, `opened` at each (re)connection, `lost` while there is none.
export function listen(heard, opened, lost) {
  const stream = new EventSource("/__sandbox/events");
  stream.onopen = opened;
  stream.onerror = lost;
  stream.onmessage = (message) => heard(JSON.parse(message.data));
  window.addEventListener("pagehide", () => stream.close());
}

// Runs `work` soon, once for many calls, and never twice at a time.
export function gathered(work) {
  let wanted = false;
  let running = false;
  const run = async () => {
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      try {
        await work();
      } catch (error) {
        console.warn(error);
      }
    }
    running = false;
  };
  return () => {
    wanted = true;
    setTimeout(run, 20);
  };
}

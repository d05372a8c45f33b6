// The page's way to the shell, for tests that go past the screens: the same commands, the same
// frame as `src-tauri/src/bridge.rs` describes.

/** The text of a function of the page: method, path and JSON in, the frame's parts out. */
export const CALL = `async (method, path, body) => {
  const bytes = body === null ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body));
  const headers = { method, path: '/api/device' + path, ...(body === null ? {} : { type: 'application/json' }) };
  const frame = new Uint8Array(await window.__TAURI_INTERNALS__.invoke('api', bytes, { headers }));
  const view = new DataView(frame.buffer);
  const text = (from, to) => new TextDecoder().decode(frame.subarray(from, to));
  const kind = 4 + view.getUint16(2);
  const disposition = kind + 2 + view.getUint16(kind);
  return {
    status: view.getUint16(0),
    type: text(4, kind),
    disposition: text(kind + 2, disposition),
    bytes: frame.subarray(disposition),
  };
}`;

/** A small picture, the same each time. */
export const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAUklEQVR42pXLMRHAIADAQGYc4IC5DnDAjAMcYKMOENEFB9jAARIaC7n7jAn7CwplhaEqDENhmArDVhiuwpAUhqIwdIXhVRiWwnAUhqgwPApDU37Ri+jQS/Vu7QAAAABJRU5ErkJggg==',
  'base64',
);

/** Asks the device's router from inside the page. */
export async function api(session, method, path, body) {
  const answer = await session.run(
    `async (...call) => {
      const { bytes, ...answer } = await (${CALL})(...call);
      return { ...answer, body: new TextDecoder().decode(bytes) };
    }`,
    method,
    path,
    body ?? null,
  );
  const isJson = answer.type.startsWith('application/json');
  return { ...answer, json: isJson ? JSON.parse(answer.body) : undefined };
}

/** The bytes of an answer. */
export async function bytesOf(session, path) {
  const numbers = await session.run(
    `async (path) => Array.from((await (${CALL})('GET', path, null)).bytes)`,
    path,
  );
  return Buffer.from(numbers);
}

/** Starts an exchange with the server and waits for its end. */
export async function syncToEnd(session) {
  let { json } = await api(session, 'POST', '/sync', {});
  while (json.running) ({ json } = await api(session, 'GET', `/sync?after=${json.tick}`));
  if (json.error) throw new Error(`the sync ended with ${JSON.stringify(json.error)}`);
  return json;
}

/** Calls any command with JSON arguments; the answer, or what it was refused with. */
export function invoke(session, command, args = {}) {
  return session.run(
    `(command, args) => window.__TAURI_INTERNALS__.invoke(command, args)
      .then((value) => ({ value: value ?? null }), (refusal) => ({ refusal }))`,
    command,
    args,
  );
}

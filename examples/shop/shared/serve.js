import { createServer } from 'node:http';

/** Bytes of a request's body that are read at most. */
const LARGEST_BODY = 10_000;

/**
 * @typedef {{ method: string, path: string, body: string }} Question
 * @typedef {{ status: number, type: string, body: string }} Answer
 */

/** @returns {Answer} */
export function json(status, value) {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, 2)}\n` };
}

/**
 * Serves on PORT and HOST; writes one line per request, health checks left out; on SIGTERM finishes what it has begun.
 *
 * @param {string} name
 * @param {(question: Question) => Answer | Promise<Answer>} answer
 * @param {() => Promise<unknown>} [check] throws when what this service cannot do without is away
 */
export function serve(name, answer, check = async () => {}) {
  let begun = 0;
  let ending = false;
  // Proxies and browsers hold connections that they may never use again: waiting for those would take for ever.
  const leave = () => {
    if (ending && begun === 0) server.closeAllConnections();
  };
  const server = createServer(async (request, response) => {
    const began = performance.now();
    begun += 1;
    response.once('close', () => {
      begun -= 1;
      leave();
    });
    const { status, type, body } = await answerOf(request, answer, check);
    const headers = {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    };
    response.writeHead(status, headers).end(body);
    if (request.url === '/healthz') return;
    console.log(`${request.method} ${request.url} ${status} ${Math.round(performance.now() - began)} ms`);
  });
  const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
  server.listen(Number(PORT), HOST, () => {
    console.log(`${name} listens on http://${HOST}:${server.address().port}`);
  });
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      console.log(`${name} ends`);
      ending = true;
      server.close(() => process.exit(0));
      leave();
    });
  }
}

async function answerOf(request, answer, check) {
  try {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/healthz') return await health(check);
    const body = await bodyOf(request);
    if (body === undefined) return json(413, { error: `a body holds at most ${LARGEST_BODY} bytes` });
    return await answer({ method: request.method === 'HEAD' ? 'GET' : request.method, path, body });
  } catch (error) {
    console.error(error);
    return json(500, { error: 'something broke; the log says what' });
  }
}

async function health(check) {
  try {
    await check();
    return { status: 200, type: 'text/plain', body: 'ok\n' };
  } catch (error) {
    return { status: 503, type: 'text/plain', body: `${error.message || error.code}\n` };
  }
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size <= LARGEST_BODY ? Buffer.concat(chunks).toString('utf8') : undefined;
}

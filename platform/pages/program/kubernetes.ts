import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { createInterface } from 'node:readline';

/** What this program needs of the API server. */
export interface KubernetesApi {
  /** Throws {@link ApiError}, and what a connection throws. */
  get<T>(path: string): Promise<T>;
  getText(path: string): Promise<string>;
  create(path: string, object: object): Promise<void>;
  delete(path: string): Promise<void>;
  /** Calls back for each line of the answer; resolves when the server ends it. */
  watch(path: string, onEvent: (event: unknown) => void): Promise<void>;
}

/** An answer other than 2xx. */
export class ApiError extends Error {
  /** HTTP status, under the name that `statusOf` of cluster/kube reads. */
  readonly code: number;

  constructor(code: number, text: string) {
    super(`the API server answers ${code}: ${text.slice(0, 300)}`);
    this.code = code;
  }
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT_MS = 5_000;
/** A watch is ended by the server after this; a connection that outlives it by a minute is dead. */
export const watchSeconds = 300;

/** The API server as every pod with a ServiceAccount reaches it. */
export function ownCluster(env: NodeJS.ProcessEnv = process.env): KubernetesApi {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(`${account}/ca.crt`) });
  const base: RequestOptions = {
    host: env.KUBERNETES_SERVICE_HOST,
    port: env.KUBERNETES_SERVICE_PORT,
    agent,
  };
  const call = (options: RequestOptions, body?: object) => send({ ...base, ...options }, body);
  return {
    get: async (path) => JSON.parse(await textOf(await call({ path, timeout: TIMEOUT_MS }))),
    getText: async (path) => textOf(await call({ path, timeout: TIMEOUT_MS })),
    create: async (path, object) => {
      await textOf(await call({ method: 'POST', path, timeout: TIMEOUT_MS }, object));
    },
    delete: async (path) => {
      await textOf(await call({ method: 'DELETE', path, timeout: TIMEOUT_MS }));
    },
    watch: async (path, onEvent) => {
      const response = await call({ path, timeout: (watchSeconds + 60) * 1000 });
      await linesOf(response, (line) => onEvent(JSON.parse(line)));
    },
  };
}

function send(options: RequestOptions, body: object | undefined): Promise<IncomingMessage> {
  // Read each time: the kubelet renews it.
  const token = readFileSync(`${account}/token`, 'utf8');
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, headers }, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve(response);
      else textOf(response).then((answer) => reject(new ApiError(statusCode, answer)), reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('the API server does not answer')));
    sent.on('error', reject);
    sent.end(text);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return text;
}

async function linesOf(response: IncomingMessage, onLine: (line: string) => void): Promise<void> {
  // An error of the connection does not end the lines.
  const broken = new Promise<never>((_, reject) => response.on('error', reject));
  const lines = async () => {
    for await (const line of createInterface({ input: response })) if (line !== '') onLine(line);
  };
  await Promise.race([lines(), broken]);
}

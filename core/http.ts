import { type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent, type AgentOptions, type RequestOptions, request as tlsRequest } from 'node:https';
import { hasCode } from './errors.ts';
import { ownUserAgent } from './telemetry.ts';

export interface HttpCall {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: object | undefined;
  /** Milliseconds without data from the server, including the time to connect. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** For `https:`: authorities, certificate and key in PEM, and other connection options of Node. */
  readonly tls?: RequestOptions;
  /** Does not wait for the body, which is '' in the answer. */
  readonly headersOnly?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * One request, on a connection of its own, as a new visitor would send it, unless `tls` keeps them. Every status is an
 * answer; throws when nothing answers, with the code ETIMEDOUT after the timeout. Uses Node's own modules: undici takes
 * 50 ms to load, a third of an unchanged `up`.
 */
export function http(
  url: string,
  { method = 'GET', json, timeout, signal, tls, headers: own, headersOnly = false }: HttpCall,
): Promise<HttpAnswer> {
  const request = url.startsWith('https:') ? tlsRequest : plainRequest;
  const body = json === undefined ? undefined : JSON.stringify(json);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...tls?.headers, ...type, ...own };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...tls, method, headers, timeout, signal }, (response) => {
      readBody(response, headersOnly).then((text) => resolve({ ...headOf(response), body: text }), reject);
    });
    sent.on('timeout', () => sent.destroy(timeoutError(timeout)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The same `tls`, with which requests use each other's connections. None of these keeps the process from ending. */
export function keepingConnections(tls: AgentOptions): RequestOptions {
  return { ...tls, agent: new Agent({ ...tls, keepAlive: true }) };
}

function headOf(response: IncomingMessage): Omit<HttpAnswer, 'body'> {
  return { status: response.statusCode ?? 0, headers: headersOf(response) };
}

async function readBody(response: IncomingMessage, headersOnly: boolean): Promise<string> {
  if (headersOnly) {
    response.destroy();
    return '';
  }
  let body = '';
  for await (const text of response.setEncoding('utf8')) body += text;
  return body;
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function timeoutError(milliseconds: number): Error {
  return Object.assign(new Error(`no answer within ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' });
}

export interface HttpPlace {
  readonly address: string;
  readonly port: number;
}

export interface Answer {
  /** Absent when nothing answered. */
  readonly status?: number;
  readonly headers?: HttpAnswer['headers'];
  /** Why nothing answered: `connection refused`. */
  readonly failure?: string;
}

/**
 * One GET through the route: to an address, with the host as a header, as names under `.localhost` do not resolve
 * everywhere. Does not wait for the body. Never throws.
 */
export async function ask(
  { address, port }: HttpPlace,
  host: string,
  path: string,
  timeout = 2_000,
): Promise<Answer> {
  const authority = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  try {
    const headers = { host, 'user-agent': ownUserAgent };
    const answer = await http(`http://${authority}${path}`, { headers, timeout, headersOnly: true });
    return { status: answer.status, headers: answer.headers };
  } catch (error) {
    const refused = hasCode(error, 'ECONNREFUSED');
    return { failure: refused ? 'connection refused' : (error as Error).message };
  }
}

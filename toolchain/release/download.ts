import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fetch, type Response } from 'undici';
import { CoppiceError } from '../../core/errors.ts';
import { retry } from '../../core/until.ts';
import { dispatcher, reasonOf } from './hosts.ts';

/** The host has become unusable: its name, and why. The caller falls back to the package registries. */
export class HostLost extends Error {
  readonly url: string;
  constructor(url: string, why: string) {
    super(why);
    this.name = 'HostLost';
    this.url = url;
  }
}

/** How often a transfer is started or resumed. */
const ATTEMPTS = 4;

export interface Transfer {
  readonly signal: AbortSignal;
  /** Bytes so far, and in total if the server reports that. */
  readonly onBytes?: (received: number, total: number | undefined) => void;
}

/**
 * Fetches a URL into a file, following redirects; resumes a cut transfer, four attempts at most. Throws
 * COPPICE_DOWNLOAD when the server reports that the file does not exist, HostLost when it keeps failing to send it.
 */
export async function download(url: string, file: string, transfer: Transfer): Promise<void> {
  await rm(file, { force: true });
  await repeatedly(url, transfer.signal, () => append(url, file, transfer));
}

/** A small text. Errors as in {@link download}. */
export async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return repeatedly(url, signal, async () => (await ask(url, {}, signal)).text());
}

async function repeatedly<T>(url: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const isTransient = (error: unknown) => !(error instanceof CoppiceError || error instanceof HostLost);
  try {
    return await retry(work, {
      again: (error) => !signal.aborted && isTransient(error),
      every: ({ attempts }) => 200 * 2 ** attempts,
      attempts: ATTEMPTS,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw isTransient(error) ? new HostLost(url, `${reasonOf(error)} (${ATTEMPTS} attempts)`) : error;
  }
}

async function append(url: string, file: string, { signal, onBytes }: Transfer): Promise<void> {
  const have = (await stat(file).catch(() => undefined))?.size ?? 0;
  const response = await ask(url, have > 0 ? { range: `bytes=${have}-` } : {}, signal);
  if (response.status === 416) {
    // Our part is as long as the file or longer, and yet the transfer was cut: start again.
    await rm(file, { force: true });
    throw new Error('HTTP 416');
  }
  // A server without support for ranges sends everything again with 200.
  let received = response.status === 206 ? have : 0;
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 ? received + length : undefined;
  const { body } = response;
  if (!body) throw new Error('an empty answer');
  let broken: unknown;
  // Ends without an error when the transfer is cut: an error would discard what is not written yet.
  async function* arrived() {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        received += chunk.byteLength;
        onBytes?.(received, total);
        yield chunk;
      }
    } catch (error) {
      broken = error;
    }
  }
  await pipeline(arrived, createWriteStream(file, { flags: response.status === 206 ? 'a' : 'w' }), {
    signal,
  });
  if (broken !== undefined) throw broken;
}

async function ask(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, {
    headers: { 'user-agent': 'coppice', 'accept-encoding': 'identity', ...headers },
    dispatcher,
    signal,
  });
  if (url.startsWith('https:') && !response.url.startsWith('https:')) {
    throw new CoppiceError(
      'COPPICE_DOWNLOAD',
      `${url} redirects to ${response.url}, which is not protected by TLS`,
    );
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status === 404 || status === 410) {
    throw new CoppiceError('COPPICE_DOWNLOAD', `${url} does not exist (HTTP ${status})`, {
      hint: 'the pinned version may have been withdrawn; see docs/toolchain.md for how a pin moves',
    });
  }
  // Not found is our mistake, and a hiccup passes; anything else is a host that refuses to serve us.
  if (status >= 500 || status === 408 || status === 429) throw new Error(`HTTP ${status}`);
  throw new HostLost(url, `it refuses with HTTP ${status}`);
}

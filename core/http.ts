import http from 'node:http';

export interface HttpPlace {
  readonly address: string;
  readonly port: number;
}

export interface Answer {
  /** Absent when nothing answered. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why nothing answered: `connection refused`. */
  readonly failure?: string;
}

/**
 * One GET through the route: to an address, with the host as a header, as names under `.localhost` do not resolve
 * everywhere. Never throws. A connection of its own each time: what is asked about is what a new visitor gets.
 */
export function ask(place: HttpPlace, host: string, path: string, timeoutMs = 2_000): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { host: place.address, port: place.port, path, headers: { host }, agent: false as const };
    const request = http.get(options, (response) => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(response.headers)) headers[name] = String(value);
      resolve({ status: response.statusCode ?? 0, headers });
      response.destroy();
    });
    // Also ends an answer that never comes to its headers.
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    request.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ failure: error.code === 'ECONNREFUSED' ? 'connection refused' : error.message });
    });
  });
}

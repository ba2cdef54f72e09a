import http from 'node:http';
import { Header } from '../../config/labels.ts';
import type { RecordedRoute } from './record.ts';

/** Milliseconds until a route that does not answer counts as down. */
const TIMEOUT_MS = 2_000;

export type ProbeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly service: string; readonly reason: string };

/**
 * Asks one route, on 127.0.0.1 with the host as a header: names under .localhost do not resolve everywhere. It is up
 * when it answers below 500 in the name of that environment; the gateway sets the header on its own 503 too.
 */
export function probeRoute(route: RecordedRoute, port: number, environmentId: string): Promise<ProbeResult> {
  const down = (reason: string): ProbeResult => ({ ok: false, service: route.service, reason });
  return new Promise((resolve) => {
    const request = http.get(
      {
        host: '127.0.0.1',
        port,
        path: route.path,
        headers: { host: route.host },
        agent: false,
        timeout: TIMEOUT_MS,
      },
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        const answeredBy = String(response.headers[Header.environment.toLowerCase()] ?? '');
        if (status >= 500) resolve(down(`answers ${status}`));
        else if (!answeredBy.endsWith(`; id=${environmentId}`))
          resolve(down(answeredBy ? `is answered by ${answeredBy}` : 'has no route'));
        else resolve({ ok: true });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`does not answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', (error) => resolve(down(error.message)));
  });
}

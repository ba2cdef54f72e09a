import { temporalHost } from '../../core/names.ts';
import type { TemporalPlace } from '../../servers/temporal/place.ts';

/** Where the UI shows something of a namespace; undefined for a server that is not ours, as nobody knows its UI. */
export function uiUrl(
  { kind }: TemporalPlace,
  httpPort: number,
  namespace: string,
  workflow?: { readonly id: string; readonly runId: string },
): string | undefined {
  if (kind !== 'platform') return undefined;
  const port = httpPort === 80 ? '' : `:${httpPort}`;
  const path = ['namespaces', namespace, 'workflows', ...(workflow ? [workflow.id, workflow.runId] : [])];
  return `http://${temporalHost}${port}/${path.map(encodeURIComponent).join('/')}`;
}

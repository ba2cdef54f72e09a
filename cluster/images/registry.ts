import { http } from '../../core/http.ts';

/** Milliseconds to wait for an answer: the cluster's start waits for it. */
const PATIENCE = 2_000;

/** Docker Hub's API has had this name since the first docker: https://docs.docker.com/reference/api/registry/latest */
const apiHosts: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

const known = new Map<string, Promise<boolean>>();

/** Whether the registry of a reference can be reached; checked once per run. Never throws. */
export function registryReachable(reference: string): Promise<boolean> {
  const url = registryApi(reference);
  const before = known.get(url);
  if (before !== undefined) return before;
  const answer = answersAsRegistry(url);
  known.set(url, answer);
  return answer;
}

/**
 * Base of the API that https://github.com/opencontainers/distribution-spec/blob/main/spec.md describes.
 *
 * @internal Its test compares what it writes.
 */
export function registryApi(reference: string): string {
  const host = reference.split('/')[0] ?? '';
  return `https://${apiHosts[host] ?? host}/v2/`;
}

/** A registry answers 200, or 401 to strangers; anything else is a proxy or a login page of the network. */
export async function answersAsRegistry(url: string, patience = PATIENCE): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(patience);
    const { status } = await http(url, { timeout: patience, signal, headersOnly: true });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}

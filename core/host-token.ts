import { sha256 } from './hash.ts';

/** Whose signals a process on this machine sends. */
export interface HostSender {
  /** Namespace of the environment. */
  readonly namespace: string;
  /** Id on that namespace, new with each environment. */
  readonly environmentId: string;
  readonly service: string;
}

/**
 * What such a process shows to the Collector (platform/collector/host.ts): whose it is, and a hash over that with a key
 * that only the Collector, the gateway and `wt` read. Another environment's cannot be guessed, nothing has to be stored
 * for each environment, and none outlives its own, as the Collector compares the id with that of the namespace.
 * `key`: at least 128 random bits.
 */
export function hostToken(key: string, { namespace, environmentId, service }: HostSender): string {
  const text = [namespace, environmentId, service].join('.');
  return `${text}.${signature(key, text)}`;
}

/** Hashed twice, as HMAC does: a longer text with the same beginning cannot be signed without the key. */
function signature(key: string, text: string): string {
  return sha256(`${key}\n${sha256(`${key}\n${text}`)}`);
}

import { probeRoute } from './probe.ts';
import type { EnvironmentRecord } from './record.ts';

/** What is looked at of a pod. */
export interface PodReadiness {
  /** Value of the service label; absent on pods that are not a service's. */
  readonly service?: string | undefined;
  readonly ready: boolean;
  /** Being deleted: no longer counted. */
  readonly ending: boolean;
}

export interface QuickAnswerPorts {
  /** Port of the routes on 127.0.0.1. */
  readonly httpPort: number;
  /** One list of the namespace's pods. */
  readonly pods: (namespace: string) => Promise<readonly PodReadiness[]>;
}

export type QuickAnswer = { readonly up: true } | { readonly up: false; readonly reason: string };

/**
 * Whether an environment is what its record says, really checked: every routed service answers in the environment's
 * name, and every service, routed or not, has all its pods ready. Never throws: what cannot be asked is not up.
 */
export async function quickAnswer(record: EnvironmentRecord, ports: QuickAnswerPorts): Promise<QuickAnswer> {
  const [pods, probes] = await Promise.all([
    ports.pods(record.namespace).catch((error: Error) => error),
    Promise.all(record.routes.map((route) => probeRoute(route, ports.httpPort, record.environmentId))),
  ]);
  if (pods instanceof Error) return { up: false, reason: `the cluster does not answer: ${pods.message}` };
  const missing = record.services.find((service) => readyPods(pods, service.name) < service.replicas);
  if (missing)
    return {
      up: false,
      reason: `${missing.name} has ${readyPods(pods, missing.name)} of ${missing.replicas} pods ready`,
    };
  for (const probe of probes) if (!probe.ok) return { up: false, reason: `${probe.service} ${probe.reason}` };
  return { up: true };
}

function readyPods(pods: readonly PodReadiness[], service: string): number {
  return pods.filter((pod) => pod.service === service && pod.ready && !pod.ending).length;
}

import type { Kube } from '../../cluster/kube/client.ts';
import { type LogLine, readLogs } from '../../cluster/kube/logs.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Label } from '../../core/labels.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { requireService } from './service-name.ts';

export interface LogsRequest {
  readonly target: Target;
  /** Undefined for all services. */
  readonly service: string | undefined;
  /** Continues with new lines until Ctrl+C. */
  readonly follow: boolean;
  /** Output of containers before their last restart. */
  readonly previous: boolean;
  /** Lines of each pod to begin with. */
  readonly tail: number;
  /** Receives the services first, and returns the function that receives each line. */
  readonly print: (services: readonly string[]) => (line: LogLine) => void;
}

/** Throws COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN. */
export async function printLogs(request: LogsRequest, ports: Ports): Promise<void> {
  const { target, service, follow, previous, tail, print } = request;
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  await callCluster(record, async () => {
    const services = await requireService(kube, name, service);
    const read = { namespace: name.namespace, services, tail, onLine: print(services) };
    if (previous) return printPrevious(kube, read);
    await interruptible(ports.interrupts, (signal) => readLogs(kube, { ...read, follow, signal }));
  });
}

interface PreviousRequest {
  readonly namespace: string;
  readonly services: readonly string[];
  readonly tail: number;
  readonly onLine: (line: LogLine) => void;
}

async function printPrevious(
  kube: Kube,
  { namespace, services, tail, onLine }: PreviousRequest,
): Promise<void> {
  const labelSelector = `${Label.service} in (${services.join(',')})`;
  const { items } = await kube.core.listNamespacedPod({ namespace, labelSelector });
  for (const { metadata, status } of items) {
    const restarted = status?.containerStatuses?.some(({ restartCount }) => restartCount > 0);
    if (!restarted || !metadata?.name) continue;
    const pod = metadata.name;
    const text = await kube.core.readNamespacedPodLog({
      namespace,
      name: pod,
      previous: true,
      tailLines: tail,
    });
    const service = metadata.labels?.[Label.service] ?? '';
    for (const line of text.replace(/\n$/, '').split('\n')) onLine({ service, pod, text: line });
  }
}

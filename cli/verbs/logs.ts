import { connectCluster, reaching } from '../../app/clusters/connection.ts';
import { requireService } from '../../app/environments/service-name.ts';
import type { Command, Ports } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { nameEnvironment } from '../../app/target/target.ts';
import type { Kube } from '../../cluster/kube/client.ts';
import { type LogLine, readLogs } from '../../cluster/kube/logs.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Label } from '../../core/labels.ts';
import { servicePainter } from '../ui/paint.ts';

export interface LogsArgs extends Target {
  readonly service?: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tail?: string;
}

/** Prints as it reads; with `--json` each line is a document `{service, pod, text}`. */
export const logs: Command<LogsArgs> = async (args, ports) => {
  const tail = lines(args.tail);
  const name = await nameEnvironment(args, ports.cwd);
  const { kube, record } = await connectCluster();
  await reaching(record, async () => {
    const services = await requireService(kube, name, args.service);
    const print = printer(services, ports);
    if (args.previous) return previousLogs(kube, name.namespace, services, tail, print);
    const request = { namespace: name.namespace, services, tail, follow: args.follow, onLine: print };
    await interruptible(ports.interrupts, (signal) => readLogs(kube, { ...request, signal }));
  });
  return { text: '', json: undefined };
};

function lines(tail: string | undefined): number {
  if (tail === undefined) return 100;
  if (/^\d+$/.test(tail)) return Number(tail);
  throw new CoppiceError('COPPICE_USAGE', `--tail takes a number of lines, not ${tail}`, {
    hint: 'wt logs --tail 20',
    exitCode: ExitCode.usage,
  });
}

function printer(services: readonly string[], ports: Ports): (line: LogLine) => void {
  if (ports.json) return (line) => ports.out(`${JSON.stringify(line)}\n`);
  if (services.length === 1) return ({ text }) => ports.out(`${text}\n`);
  const width = Math.max(...services.map((service) => service.length));
  const paint = servicePainter(services, ports.terminal.color);
  return ({ service, text }) => ports.out(`${paint(service, service.padEnd(width))} | ${text}\n`);
}

/** What the containers printed before their last restart. */
async function previousLogs(
  kube: Kube,
  namespace: string,
  services: readonly string[],
  tail: number,
  print: (line: LogLine) => void,
): Promise<void> {
  const labelSelector = `${Label.service} in (${services.join(',')})`;
  const { items } = await kube.core.listNamespacedPod({ namespace, labelSelector });
  for (const pod of items) {
    const restarted = pod.status?.containerStatuses?.some(({ restartCount }) => restartCount > 0);
    if (!restarted || !pod.metadata?.name) continue;
    const request = { namespace, name: pod.metadata.name, previous: true, tailLines: tail };
    const text = await kube.core.readNamespacedPodLog(request);
    const service = pod.metadata.labels?.[Label.service] ?? '';
    for (const line of text.replace(/\n$/, '').split('\n'))
      print({ service, pod: pod.metadata.name, text: line });
  }
}

import { Writable } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import type { Kube } from '../../cluster/kube/client.ts';
import { execInPod } from '../../cluster/kube/exec.ts';
import type { Check } from '../../core/check.ts';
import { hasCode, messageOf } from '../../core/errors.ts';
import { Label, platformNamespace } from '../../core/labels.ts';
import { hostOf } from '../../core/part-facts.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { collectorPorts, telemetryServices } from '../../core/telemetry.ts';
import type { PartContext } from '../context.ts';

/** What an environment's pod must not reach, and then what it must. */
const stores = (['logs', 'metrics', 'traces'] as const).flatMap((part) =>
  Object.values(telemetryServices[part].ports).map((port) => `${hostOf(part)}:${port}`),
);
const door = `${hostOf('collector')}:${collectorPorts.otlpHttp}`;

/** What a pod of an environment reached of these; undefined where no pod could try. */
export interface Tried {
  /** `namespace/pod`. */
  readonly from: string;
  readonly reached: readonly string[];
}

/** Whether environments can write past the Collector: not from what is configured, but by trying from a pod of one. */
export async function wallCheck(context: PartContext): Promise<Check> {
  try {
    const pod = await podOfEnvironment(context);
    return judged(context.record, pod && (await tryFrom(context, pod)));
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return { name: 'walls', ok: true, detail: `could not be tried: ${messageOf(error)}` };
  }
}

/** @internal Its test needs no pod. */
export function judged({ driver }: Pick<ClusterRecord, 'driver'>, tried: Tried | undefined): Check {
  const name = 'walls';
  if (tried === undefined)
    return { name, ok: true, detail: 'not tried: no service with `runtime: node` runs in an environment' };
  const open = stores.filter((store) => tried.reached.includes(store));
  if (open.length > 0) {
    const detail = `telemetry stores are reachable from environments, which can forge what others see: ${open.join(', ')}`;
    return { name, ok: driver === 'existing', detail, fix: fixes[driver] };
  }
  if (tried.reached.includes(door))
    return { name, ok: true, detail: `environments reach the Collector alone (tried from ${tried.from})` };
  const detail = `${tried.from} does not reach the Collector at ${door}`;
  return { name, ok: false, detail, fix: 'run `wt platform up`' };
}

/** An `existing` cluster is its administrator's: there it is only told. */
const fixes: Readonly<Record<ClusterRecord['driver'], string>> = {
  embedded:
    'run `sudo wt cluster stop` and `sudo wt cluster start`, then `wt platform up`; the start says what it lacks',
  k3d: 'run `wt cluster start` and `wt platform up`',
  existing:
    'use a network plugin that enforces NetworkPolicies, then run `wt cluster start` and `wt platform up`',
};

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A pod that has node for sure, as what tries is written for it. */
async function podOfEnvironment({ kube, record }: PartContext): Promise<Place | undefined> {
  const { items } = await kube.core.listPodForAllNamespaces({ labelSelector: Label.service });
  return items.flatMap((pod) => placeIn(pod, record.images.node) ?? [])[0];
}

function placeIn({ metadata, spec, status }: V1Pod, image: string | undefined): Place | undefined {
  const { namespace, name, deletionTimestamp } = metadata ?? {};
  if (namespace === undefined || name === undefined || namespace === platformNamespace) return undefined;
  const ready = status?.containerStatuses?.find((container) => container.ready)?.name;
  const found = spec?.containers.find((container) => container.name === ready && container.image === image);
  if (found === undefined || deletionTimestamp !== undefined) return undefined;
  return { namespace, pod: name, container: found.name };
}

/** Prints as JSON which of the addresses accepted a connection. A refused one is dropped, so it takes all of the time. */
const program = `
const { connect } = require('node:net');
const tried = process.argv.slice(1).map((address) => new Promise((resolve) => {
  const [host, port] = address.split(':');
  const socket = connect({ host, port, timeout: 2000 });
  const end = (reached) => { socket.destroy(); resolve(reached); };
  socket.on('connect', () => end([address])).on('error', () => end([])).on('timeout', () => end([]));
}));
Promise.all(tried).then((reached) => console.log(JSON.stringify(reached.flat())));
`;

async function tryFrom({ kube, signal }: { kube: Kube; signal: AbortSignal }, place: Place): Promise<Tried> {
  const output: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.push(chunk);
      done();
    },
  });
  const command = ['node', '-e', program, ...stores, door];
  const code = await execInPod(kube, { ...place, command, stdout, signal });
  if (code !== 0) throw new Error(`node ended with ${code} in ${place.pod}`);
  const reached = JSON.parse(Buffer.concat(output).toString()) as string[];
  return { from: `${place.namespace}/${place.pod}`, reached };
}

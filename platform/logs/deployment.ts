import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { telemetryHosts } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import { telemetryServices } from '../../core/telemetry.ts';
import { leastFreeMib, telemetryLimits } from '../../core/telemetry-limits.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { serverDeployment } from '../server.ts';
import { type TelemetryArgs, telemetryPod } from '../telemetry-server.ts';
import type { Ui } from '../ui-route.ts';

export interface LogsArgs extends TelemetryArgs {
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: logsName } = partFacts.logs;
const { query: port } = telemetryServices.logs.ports;
/** It takes, gives and is measured on one port. */
export const logsPorts = { read: port, written: port, scraped: true } as const;
const { user } = partFacts.logs.volume;
const { memoryMib, diskMib, days } = telemetryLimits.logs;
const home = '/var/lib/victoria-logs';

/** https://docs.victoriametrics.com/victorialogs/#list-of-command-line-flags */
const flags = [
  `-storageDataPath=${home}`,
  `-httpListenAddr=:${port}`,
  `-retentionPeriod=${days}d`,
  `-retention.maxDiskSpaceUsageBytes=${diskMib}MiB`,
  `-storage.minFreeDiskSpaceBytes=${leastFreeMib}MiB`,
  `-memory.allowedBytes=${Math.floor(memoryMib * 0.6)}MiB`,
  // A kill loses what it has in memory, and it answered 200 for that; the default is 5 s.
  '-inmemoryDataFlushInterval=1s',
  '-loggerLevel=WARN',
  // `wt delete --purge`; not behind the gateway.
  '-delete.enable',
];

export const logsService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: logsName },
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  },
};

/** `/insert` and `/delete` are beside it. */
export const logsUi: Ui = {
  host: telemetryHosts.logs,
  service: logsName,
  port,
  matches: [{ path: { type: 'Exact', value: '/' } }, { path: { type: 'PathPrefix', value: '/select' } }],
  readyPath: '/select/vmui/',
};

export function logsHash(args: LogsArgs): string {
  return hashOf(logsPod(args));
}

export function logsDeployment(args: LogsArgs): Kinds['Deployment'] {
  return serverDeployment(logsName, logsHash(args), logsPod(args));
}

function logsPod(args: LogsArgs): core.v1.PodSpec {
  return telemetryPod(args, {
    name: logsName,
    user,
    // It writes what it has in memory, which it else does each second.
    graceSeconds: 30,
    home,
    flags,
    health: { path: '/health', port },
    memoryMib,
    requests: { cpu: '20m', memory: '64Mi' },
    mounts: [],
    volumes: [],
  });
}

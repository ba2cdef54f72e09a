import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { gateway, Header, Label, platformNamespace } from '../../core/labels.ts';
import { temporalHost } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { Volume } from '../../core/volume.ts';
import type { HttpRouteSpec, Kinds } from '../../resources/kubernetes-object.ts';
import { storedServer } from '../pod-exception.ts';
import { serverDeployment, storedServerPod } from '../server.ts';

export interface TemporalArgs {
  /** Image reference. */
  readonly image: string;
  /** Version of its server, which is part of the name of the database file. */
  readonly serverVersion: string;
  readonly volume: Volume;
  /** Image with a shell, for a folder of a node that is not ours: the server's has none. */
  readonly shellImage: string;
  /** Its port on 127.0.0.1 of this machine; absent where neither it nor its UI is published. */
  readonly port?: number;
}

export const { service: temporalName } = partFacts.temporal;
const temporalPort = partFacts.temporal.port.service;
const { user } = partFacts.temporal.volume;
const uiPort = 8233;
const metricsPort = 9233;
/** Port of the API over HTTP, which cannot be disabled; by default it would change with every start. */
const httpPort = 7243;
const home = '/var/lib/temporal';

/** Answers 200 once the UI reaches the server: the page itself answers earlier. */
export const temporalAskedPath = '/api/v1/namespaces/default';
/** Distinguish answers of this route from those of a Traefik that does not know it yet. */
export const temporalHeaders: Readonly<Record<string, string>> = { [Header.platform]: temporalName };

export function temporalHash(args: TemporalArgs): string {
  return hashOf(temporalPod(args));
}

export function temporalDeployment(args: TemporalArgs): Kinds['Deployment'] {
  return serverDeployment(temporalName, temporalHash(args), temporalPod(args));
}

export const temporalService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: temporalName },
    ports: [
      { name: 'grpc', port: temporalPort, targetPort: temporalPort, protocol: 'TCP' },
      { name: 'ui', port: uiPort, targetPort: uiPort, protocol: 'TCP' },
      { name: 'metrics', port: metricsPort, targetPort: metricsPort, protocol: 'TCP' },
    ],
  },
};

/** The UI at `http://temporal.localhost`. It has no logins: never reachable beyond this machine. */
export const temporalRoute: HttpRouteSpec = {
  parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
  hostnames: [temporalHost],
  rules: [
    {
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      filters: [
        {
          type: 'ResponseHeaderModifier',
          responseHeaderModifier: {
            set: Object.entries(temporalHeaders).map(([name, value]) => ({ name, value })),
          },
        },
      ],
      backendRefs: [{ name: temporalName, port: uiPort }],
    },
  ],
};

/** https://docs.temporal.io/cli/server */
function temporalFlags({ serverVersion, volume }: TemporalArgs): string[] {
  return [
    ...['server', 'start-dev', '--ip=0.0.0.0', `--port=${temporalPort}`],
    ...[`--ui-port=${uiPort}`, `--metrics-port=${metricsPort}`, `--http-port=${httpPort}`],
    // The tables are created with the file and never changed, so another version gets another file.
    `--db-filename=${home}/temporal-${serverVersion}.db`,
    // A third of the time for each write. It needs memory shared with the file: a claim or a node's folder may be
    // elsewhere.
    ...(volume.kind === 'host-path' ? ['--sqlite-pragma=journal_mode=wal'] : []),
    '--ui-disable-news-fetch',
    // Of four partitions three forward their tasks to the first. Tasks that wait in them when a namespace is deleted
    // are forwarded in vain for ever: 300 workflows took an eighth of a core until the next start (server 1.32.0).
    ...['Read', 'Write'].map((kind) => `--dynamic-config-value=matching.numTaskqueue${kind}Partitions=1`),
    // It accepts requests from pages of any origin, and a browser on this machine reaches pods: but not by these names.
    `--dynamic-config-value=frontend.httpAllowedHosts=${JSON.stringify(ownHosts)}`,
  ];
}

/** How the server calls its own API over HTTP. */
const ownHosts = ['localhost', '127.0.0.1', '0.0.0.0'].flatMap((host) => [host, `${host}:${httpPort}`]);

function temporalPod(args: TemporalArgs): core.v1.PodSpec {
  const { image, shellImage, volume } = args;
  return storedServerPod({
    name: temporalName,
    user,
    // It ends within 2 s. A kill loses nothing: every response was written to disk before it was sent.
    graceSeconds: 15,
    volume,
    home,
    shellImage,
    exception: storedServer.ownFolder,
    container: {
      image,
      args: temporalFlags(args),
      env: [
        { name: 'HOME', value: '/tmp' },
        { name: 'USER', value: temporalName },
        // It would contact version-info.temporal.io every day.
        { name: 'TEMPORAL_VERSION_CHECK_DISABLED', value: '1' },
        { name: 'GOMEMLIMIT', value: '1600MiB' },
      ],
      // Namespaces can be created from the first SERVING on.
      startupProbe: { grpc: health, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 170 },
      readinessProbe: { grpc: health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
      resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { cpu: '2', memory: '2Gi' } },
    },
    mounts: [{ name: 'temporary', mountPath: '/tmp' }],
    volumes: [{ name: 'temporary', emptyDir: {} }],
  });
}

const health = { port: temporalPort, service: 'temporal.api.workflowservice.v1.WorkflowService' };

import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { answersHere } from '../../core/ingress.ts';
import { Header, Label } from '../../core/labels.ts';
import { nodePorts } from '../../core/node-ports.ts';
import { hostOf, type PublishedPart, partFacts } from '../../core/part-facts.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import type { PodException } from '../pod-exception.ts';

export interface TraefikArgs {
  /** Image reference. */
  readonly image: string;
  readonly ingress: ClusterArgs['ingress'];
  /** Port of the routes: on loopback of this machine, or of the Service. */
  readonly port: number;
  /** Whether this machine has ::1; Traefik would exit if it had to listen on a missing address. */
  readonly ipv6: boolean;
  /** Whether `X-Forwarded-*` are passed on as they were sent. */
  readonly trustForwardedHeaders: boolean;
  /** Servers of the platform that are reached on 127.0.0.1; only where {@link answersHere}. */
  readonly published: readonly Published[];
  /** Where the spans of its requests go; absent where no Collector has joined. */
  readonly tracing?: TracingArgs;
}

export interface TracingArgs {
  /** Of OTLP over HTTP: `http://collector.coppice.svc:4319`. */
  readonly endpoint: string;
  /** Secret whose key `password` it shows there. */
  readonly tokenSecret: string;
}

/** A server whose connections are passed through. */
export interface Published {
  /** Name of its Service, of its entry point, and of its port on the nodes. */
  readonly name: PublishedPart;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Port of its Service. */
  readonly servicePort: number;
}

export const traefikName = partFacts.gateway.service;
export const traefikException: PodException = {
  // It watches routes, services and endpoints, and writes the routes' status.
  serviceAccountToken: true,
  // `ingress: host-loopback` only: it listens on the machine's own 127.0.0.1 and ::1, and nowhere else.
  hostNetwork: true,
  // Port 80 is below 1024: it needs root with this one capability; a higher port needs neither.
  capabilities: ['NET_BIND_SERVICE'],
};
/** Where Traefik listens in its own network, for other kinds of ingress than the machine's loopback. */
const podPort = 8000;
const configFolder = '/etc/coppice';
const configFile = 'traefik.json';
const retryName = 'retry';
/**
 * While a watcher restarts a service, its port refuses connections for a moment, and the requests wait. Traefik waits
 * 100 to 200 ms between attempts, so this is about 5 s: as long as a pod that does not answer counts as ready
 * (`readinessProbe` in infra/environment/pod.ts). After that there is no pod to ask, and the 503 comes at once. Only
 * what was never sent is repeated. `timeout` begins no further attempt, and ends none that is under way.
 */
const retry = { attempts: 35, initialInterval: '100ms', timeout: '5s' };
/**
 * A pod that is gone refuses nothing: the connection hangs. With the default of 30 s for each attempt, requests that met
 * the end of a pod waited for two minutes. Inside of a cluster a connection takes milliseconds.
 */
const DIAL_TIMEOUT = '1s';
/** Host of the readiness probe; a name that cannot be resolved. */
const healthHost = 'health.coppice.internal';

/** The port that the Gateway's listener must name: Traefik finds its entry point by it. */
export function listenerPort({ ingress, port }: TraefikArgs): number {
  return ingress === 'host-loopback' ? port : podPort;
}

/** Traefik's static configuration. */
function traefikFlags(args: TraefikArgs): string[] {
  const port = listenerPort(args);
  const loopback = args.ingress === 'host-loopback';
  return [
    `--entrypoints.web.address=${loopback ? '127.0.0.1' : ''}:${port}`,
    // The Gateway provider takes any entry point whose address ends in `:` and the listener's port, in no order. The
    // zero excludes this one, which only passes connections through; `/tcp` at the end did not (one start in eight
    // answered 404 to everything).
    ...(loopback && args.ipv6 ? [`--entrypoints.web6.address=[::1]:0${port}`] : []),
    '--entrypoints.web.transport.lifecycle.gracetimeout=1',
    // The default of 60 s cuts uploads off. It protects servers on the Internet; nothing here listens there.
    '--entrypoints.web.transport.respondingtimeouts.readtimeout=0',
    // The default merges `//` and resolves `..`, so `/img/https://example.com/a.png` would lose a slash. Only hosts
    // separate environments, so a path cannot lead into another one.
    '--entrypoints.web.http.sanitizepath=false',
    // Otherwise `;` becomes `&`, which splits one value into two.
    '--entrypoints.web.http.encodequerysemicolons=true',
    `--entrypoints.web.http.middlewares=${retryName}@file`,
    `--serverstransport.forwardingtimeouts.dialtimeout=${DIAL_TIMEOUT}`,
    // Whoever reaches the port may be the tunnel: its address is this machine's, or that of Docker's network.
    ...(args.trustForwardedHeaders ? ['--entrypoints.web.forwardedheaders.insecure=true'] : []),
    ...args.published.flatMap(({ name, port: here, servicePort }) => [
      `--entrypoints.${name}.address=${loopback ? `127.0.0.1:${here}` : `:${servicePort}`}`,
      // Connections to a server do not end by themselves, and the pod has 3 s.
      `--entrypoints.${name}.transport.lifecycle.gracetimeout=1`,
    ]),
    '--providers.kubernetesgateway=true',
    // The default of 2 s would double the time until a new environment answers.
    '--providers.providersthrottleduration=50ms',
    `--providers.file.filename=${configFolder}/${configFile}`,
    '--providers.file.watch=false',
    // On the port that matters, so that readiness is meaningful and no other port is used.
    '--ping=true',
    '--ping.manualrouting=true',
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
    '--accesslog=false',
    // Its last lines are shown when the platform does not become ready.
    '--log.level=WARN',
    '--log.nocolor=true',
    ...(args.tracing ? tracingFlags(args.tracing) : []),
  ];
}

const tokenVariable = 'COLLECTOR_TOKEN';

/**
 * Two spans a request, and its own metrics not: two environments can share the names of routers, of which those are
 * made. What the route set on the answer says whose it is.
 */
function tracingFlags({ endpoint }: TracingArgs): string[] {
  return [
    `--tracing.otlp.http.endpoint=${endpoint}/v1/traces`,
    // Kubernetes replaces it by the pod's variable.
    `--tracing.otlp.http.headers.Authorization=Bearer $(${tokenVariable})`,
    `--tracing.capturedresponseheaders=${Header.environment},${Header.service}`,
    '--tracing.servicename=gateway',
    '--tracing.samplerate=1.0',
  ];
}

function tracingVariables({ tokenSecret }: TracingArgs): core.v1.EnvVar[] {
  return [
    { name: tokenVariable, valueFrom: { secretKeyRef: { name: tokenSecret, key: 'password' } } },
    // The default of 5 s is as long as the first request may take until it can be seen.
    { name: 'OTEL_BSP_SCHEDULE_DELAY', value: '1000' },
  ];
}

/** Traefik's dynamic configuration beside the routes of the Gateway API; JSON is YAML. */
export function traefikFile(args: TraefikArgs): Record<string, string> {
  const health = { entryPoints: ['web'], rule: `Host(\`${healthHost}\`)`, service: 'ping@internal' };
  const passed = passedOn(args);
  const tcp = {
    routers: Object.fromEntries(
      passed.map(({ name, entryPoint }) => [
        name,
        { entryPoints: [entryPoint], rule: 'HostSNI(`*`)', service: name },
      ]),
    ),
    services: Object.fromEntries(
      passed.map(({ name, address }) => [name, { loadBalancer: { servers: [{ address }] } }]),
    ),
  };
  const http = { routers: { health }, middlewares: { [retryName]: { retry } } };
  const file = { http, ...(passed.length > 0 ? { tcp } : {}) };
  return { [configFile]: JSON.stringify(file, null, 2) };
}

interface PassedOn {
  readonly name: string;
  readonly entryPoint: string;
  readonly address: string;
}

/** Entry points that pass connections through. */
function passedOn(args: TraefikArgs): PassedOn[] {
  if (!answersHere(args.ingress)) return [];
  const loopback = args.ingress === 'host-loopback';
  const web = `127.0.0.1:${listenerPort(args)}`;
  return [
    ...(loopback && args.ipv6 ? [{ name: 'loopback', entryPoint: 'web6', address: web }] : []),
    // By name: the pod uses the cluster's DNS (dnsPolicy below), and a recreated Service gets another address.
    ...args.published.map(({ name, servicePort }) => ({
      name,
      entryPoint: name,
      address: `${hostOf(name)}:${servicePort}`,
    })),
  ];
}

export function traefikPod(args: TraefikArgs): core.v1.PodSpec {
  const loopback = args.ingress === 'host-loopback';
  const named = args.published.length > 0 || args.tracing !== undefined;
  const privileged = listenerPort(args) < 1024;
  const user = privileged ? 0 : 65532;
  return {
    serviceAccountName: traefikName,
    automountServiceAccountToken: traefikException.serviceAccountToken,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 3,
    ...(loopback ? { hostNetwork: traefikException.hostNetwork } : {}),
    // On the host's network a pod has the machine's name servers, which do not know Services.
    ...(!loopback || !named ? {} : { dnsPolicy: 'ClusterFirstWithHostNet' }),
    securityContext: { runAsUser: user, runAsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: traefikName,
        image: args.image,
        imagePullPolicy: 'IfNotPresent',
        args: traefikFlags(args),
        ...(args.tracing ? { env: tracingVariables(args.tracing) } : {}),
        readinessProbe: {
          httpGet: {
            path: '/ping',
            port: listenerPort(args),
            ...(loopback ? { host: '127.0.0.1' } : {}),
            httpHeaders: [{ name: 'Host', value: healthHost }],
          },
          periodSeconds: 1,
          failureThreshold: 2,
        },
        resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: {
            drop: ['ALL'],
            ...(privileged ? { add: [...traefikException.capabilities] } : {}),
          },
        },
        volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }],
      },
    ],
    volumes: [{ name: 'config', configMap: { name: traefikName } }],
  };
}

/** Covers the file too: Traefik reads it only once. */
export function traefikHash(args: TraefikArgs): string {
  return hashOf([traefikPod(args), traefikFile(args)]);
}

/** How the nodes publish Traefik where it is not on this machine's loopback; undefined where it is. */
export function traefikService(args: TraefikArgs): core.v1.ServiceSpec | undefined {
  const ports = servicePorts(args);
  return ports && { ...ports, selector: { [Label.service]: traefikName } };
}

function servicePorts(args: TraefikArgs): core.v1.ServiceSpec | undefined {
  const { ingress, port } = args;
  if (ingress === 'host-loopback') return undefined;
  if (ingress === 'published') return publishedService(args);
  const nodePort = ingress === 'node-port' && port >= 30000 && port <= 32767 ? { nodePort: port } : {};
  return {
    type: ingress === 'node-port' ? 'NodePort' : 'LoadBalancer',
    ports: [{ name: 'http', port: 80, targetPort: podPort, protocol: 'TCP', ...nodePort }],
  };
}

/** On the ports of the nodes that Docker forwards to 127.0.0.1 of this machine. */
function publishedService({ published }: TraefikArgs): core.v1.ServiceSpec {
  return {
    type: 'NodePort',
    ports: [
      { name: 'http', port: 80, targetPort: podPort, protocol: 'TCP', nodePort: nodePorts.http },
      ...published.map(({ name, servicePort }) => ({
        name,
        port: servicePort,
        targetPort: servicePort,
        protocol: 'TCP',
        nodePort: nodePorts[name],
      })),
    ],
  };
}

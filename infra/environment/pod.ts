import type { core } from '@pulumi/kubernetes/types/input.js';
import { instrumentationOf } from '../../config/plan/instrumentation.ts';
import type { EnvironmentPlan, InstallPlan, ServicePlan, SourcePlan } from '../../config/plan/plan.ts';
import {
  containerSecurity,
  emptyFileName,
  emptyItems,
  graceSeconds,
  installMounts,
  installVolumes,
  literal,
  plainVariables,
  podBase,
  secretVariables,
  worktreeMounts,
  worktreeVolumes,
} from '../../config/plan/worktree-pod.ts';
import { appFolder } from '../../config/spec/app-folder.ts';
import type { NothingLeft } from '../../core/exhaustive.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { installOf } from './install.ts';
import { environmentLabels } from './labels.ts';

/** Names of the Secrets of config/spec/references/secrets.ts in an environment's namespace. */
const secrets = { database: 'database', temporal: 'temporal' } as const;

/** The pods of a service as plain data: everything that is known before the environment is claimed. */
export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: core.v1.PodSpec;
}

export function podTemplate(plan: EnvironmentPlan, service: ServicePlan): PodTemplate {
  return {
    metadata: {
      labels: { ...environmentLabels(plan), [Label.service]: service.name },
      annotations: folderAnnotation(plan.source),
    },
    spec: podSpec(plan, service),
  };
}

function folderAnnotation(source: SourcePlan): Record<string, string> {
  return source.kind === 'mount' && source.mark !== undefined ? { [Annotation.folder]: source.mark } : {};
}

/**
 * Fields of a service's plan that its container does not read, and what reads them. A new field must be in one of the
 * two.
 */
const outsideContainer = {
  primary: 'its routes',
  replicas: 'its Deployment',
  usesTemporal: 'what its Deployment waits for',
  readyTimeoutSeconds: 'how long `up` waits for it',
} as const satisfies Partial<Record<keyof ServicePlan, string>>;

/**
 * How long a pod goes on serving when it is to end. SIGTERM ends most processes at once, and the gateway sends requests
 * until it knows: without this 78 of 2,200 requests failed in five restarts, with it 1 of 1,500. Kubernetes has
 * `sleep` by default since 1.30.
 */
const FAREWELL_SECONDS = 1;

/**
 * The pod of a service, as plain data.
 *
 * @internal Its test reads a pod without a cluster.
 */
export function podSpec(plan: EnvironmentPlan, service: ServicePlan): core.v1.PodSpec {
  const { source, identity } = plan;
  const install = installOf(plan, service);
  const worktree = worktreeVolumes(source, { configMap: { name: emptyFileName, items: emptyItems } });
  return {
    ...podBase(identity),
    ...(service.port !== undefined && { terminationGracePeriodSeconds: FAREWELL_SECONDS + graceSeconds }),
    containers: [container(source, service, install)],
    volumes: [...worktree, ...installVolumes(install), ...instrumentationVolumes(service.instrument)],
  };
}

function container(
  source: SourcePlan,
  service: ServicePlan,
  install: InstallPlan | undefined,
): core.v1.Container {
  const { name, image, command, port, protocol, env, secretEnv, readyPath, resources, instrument, ...rest } =
    service;
  rest satisfies NothingLeft<typeof rest, keyof typeof outsideContainer>;
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(command ? { command: command.map(literal) } : {}),
    ...(source.kind === 'mount' ? { workingDir: appFolder } : {}),
    // The image may not know this user, and its home may not be writable.
    env: [...plainVariables({ HOME: '/tmp', ...env }), ...secretVariables(secretEnv, secrets)],
    resources,
    securityContext: containerSecurity,
    volumeMounts: [
      ...worktreeMounts(source),
      ...installMounts(install),
      ...instrumentationMounts(instrument),
    ],
    ...(port !== undefined && {
      ports: portsOf(port, protocol),
      readinessProbe: readinessProbe(port, readyPath),
      lifecycle: { preStop: { sleep: { seconds: FAREWELL_SECONDS } } },
    }),
  };
}

function instrumentationVolumes(instrument: ServicePlan['instrument'] = []): core.v1.Volume[] {
  return instrument.map((language) => {
    const { name, files } = instrumentationOf[language];
    return { name, configMap: { name, items: files.map((file) => ({ ...file })) } };
  });
}

function instrumentationMounts(instrument: ServicePlan['instrument'] = []): core.v1.VolumeMount[] {
  return instrument.map((language) => {
    const { name, folder } = instrumentationOf[language];
    return { name, mountPath: folder, readOnly: true };
  });
}

/** Name of a service's port, in its pods and its Service. */
export function portName(protocol: ServicePlan['protocol']): string {
  return protocol ?? 'http';
}

function portsOf(port: number, protocol: ServicePlan['protocol']): core.v1.ContainerPort[] {
  return [{ name: portName(protocol), containerPort: port, protocol: 'TCP' }];
}

/** `up` itself also requests the route; this probe keeps requests away from a pod that cannot answer. */
function readinessProbe(port: number, path: string | undefined): core.v1.Probe {
  // A process that restarts after a save is away for less than 5 s: until then its pod stays in the Service, so that
  // requests wait for it (`retry` in platform/gateway/traefik.ts) and get no 503.
  const rest = { periodSeconds: 1, failureThreshold: 5, successThreshold: 1 };
  if (path === undefined) return { tcpSocket: { port }, timeoutSeconds: 2, ...rest };
  // A page of a development server may take some seconds.
  return { httpGet: { path, port, scheme: 'HTTP' }, timeoutSeconds: 10, ...rest };
}

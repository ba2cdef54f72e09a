import type { core } from '@pulumi/kubernetes/types/input.js';
import type { EnvironmentPlan, ServicePlan, SourcePlan } from '../../config/plan.ts';
import { gitCover } from './git-cover.ts';

/** Where the worktree's files are in a pod. */
const appFolder = '/app';
/** Seconds between SIGTERM and SIGKILL: long enough for a server to close, short enough to wait for. */
const graceSeconds = 2;

/** What runs a service: plain data, the whole of what a change of makes new pods. */
export function podSpec({ source, identity }: EnvironmentPlan, service: ServicePlan): core.v1.PodSpec {
  return {
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    // The pause container is process 1, so a plain node process dies of SIGTERM at once instead of ignoring it.
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: {
      runAsUser: identity.uid,
      runAsGroup: identity.gid,
      fsGroup: identity.gid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(source, service)],
    volumes: volumes(source),
  };
}

function container(source: SourcePlan, service: ServicePlan): core.v1.Container {
  const { name, image, command, env, resources } = service;
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(command ? { command: command.map(literal) } : {}),
    ...(source.kind === 'mount' ? { workingDir: appFolder } : {}),
    // The image may know no such user, and its home would not be ours to write.
    env: Object.entries({ HOME: '/tmp', ...env }).map(([key, value]) => ({
      name: key,
      value: literal(value),
    })),
    resources,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: mounts(source),
    ...ports(service),
  };
}

/** Kubernetes would expand `$(NAME)` itself, before any shell sees it: https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/ */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function ports(service: ServicePlan): Pick<core.v1.Container, 'ports' | 'readinessProbe'> {
  if (service.port === undefined) return {};
  return {
    ports: [{ name: 'http', containerPort: service.port, protocol: 'TCP' }],
    readinessProbe: readinessProbe(service.port, service.readyPath),
  };
}

/** `up` itself asks through the route as well; this one keeps requests away from a pod that cannot answer. */
function readinessProbe(port: number, path: string | undefined): core.v1.Probe {
  const how = path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port, scheme: 'HTTP' } };
  return { ...how, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 2, successThreshold: 1 };
}

function volumes(source: SourcePlan): core.v1.Volume[] {
  if (source.kind === 'image') return [];
  const app: core.v1.Volume = { name: 'app', hostPath: { path: source.hostPath, type: 'Directory' } };
  return source.git === 'none' ? [app] : [app, gitCover[source.git].volume];
}

function mounts(source: SourcePlan): core.v1.VolumeMount[] {
  if (source.kind === 'image') return [];
  const app: core.v1.VolumeMount = { name: 'app', mountPath: appFolder };
  return source.git === 'none'
    ? [app]
    : [app, { ...gitCover[source.git].mount, mountPath: `${appFolder}/.git` }];
}

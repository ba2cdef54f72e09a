import { gateway, platformNamespace } from '../../core/labels.ts';
import { temporalHost } from '../../core/names.ts';
import { type TraefikArgs, traefikHash, traefikName } from '../../platform/gateway/traefik.ts';
import {
  type PostgresArgs,
  postgresHash,
  postgresName,
  postgresTimeoutSeconds,
} from '../../platform/postgres/deployment.ts';
import {
  type TemporalArgs,
  temporalAskedPath,
  temporalHash,
  temporalHeaders,
  temporalName,
  temporalTimeoutSeconds,
} from '../../platform/temporal/deployment.ts';
import type { ReadyPlan } from '../../resources/ready/contract.ts';

export interface ExpectedParts {
  readonly traefik: TraefikArgs;
  readonly postgres: PostgresArgs | undefined;
  readonly temporal: TemporalArgs | undefined;
}

const traefikTimeoutSeconds = 60;

/** What must be so for the platform to be ready. */
export function expectations({
  traefik,
  postgres,
  temporal,
}: ExpectedParts): Omit<ReadyPlan, 'kubeconfig' | 'context' | 'generation'> {
  const service = (name: string, configHash: string, timeoutSeconds: number) => ({
    name,
    replicas: 1,
    configHash,
    timeoutSeconds,
  });
  return {
    namespace: platformNamespace,
    services: [
      service(traefikName, traefikHash(traefik), traefikTimeoutSeconds),
      ...(postgres ? [service(postgresName, postgresHash(postgres), postgresTimeoutSeconds)] : []),
      ...(temporal ? [service(temporalName, temporalHash(temporal), temporalTimeoutSeconds)] : []),
    ],
    gateway: gateway.name,
    ...(temporal?.port === undefined ? { routes: [] } : uiExpectations(traefik.port)),
  };
}

function uiExpectations(port: number): Pick<ReadyPlan, 'routes' | 'http' | 'headers'> {
  return {
    routes: [{ service: temporalName, host: temporalHost, path: temporalAskedPath }],
    http: { address: '127.0.0.1', port },
    headers: temporalHeaders,
  };
}

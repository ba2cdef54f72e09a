import { environmentName } from '../../core/names.ts';

export interface TelemetryFacts {
  readonly app: string;
  readonly slug: string;
  readonly namespace: string;
  readonly service: string;
  /** Absent if the folder is mounted: a commit there changes no file of the pod, and must not restart it. */
  readonly commit?: string;
  readonly branch: string;
}

/**
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ The service may override
 * `defaults`, but not `fixed`, which says whose signals they are. The service's own attributes are kept, before ours:
 * readers take the last of two.
 */
export function telemetryVariables(facts: TelemetryFacts, own: Readonly<Record<string, string>>) {
  const attributes: Record<string, string> = {
    'service.namespace': facts.app,
    'deployment.environment.name': facts.slug,
    'k8s.namespace.name': facts.namespace,
    'coppice.environment': environmentName(facts.app, facts.slug),
    'vcs.ref.head.name': facts.branch,
    ...(facts.commit && { 'service.version': facts.commit, 'vcs.ref.head.revision': facts.commit }),
  };
  const ours = Object.entries(attributes).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  const theirs = (own.OTEL_RESOURCE_ATTRIBUTES ?? '')
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !Object.hasOwn(attributes, pair.split('=', 1)[0]?.trim() ?? ''));
  return {
    // Without a Collector on the platform every export would fail, slowly, in the application's log.
    defaults: { OTEL_SERVICE_NAME: facts.service, OTEL_SDK_DISABLED: 'true' },
    fixed: { OTEL_RESOURCE_ATTRIBUTES: [...theirs, ...ours].join(',') },
  };
}

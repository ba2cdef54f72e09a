import { platformNamespace } from '../../core/labels.ts';
import type { TemporalSpec } from '../spec/schema/temporal.ts';
import { secondsOf } from '../spec/schema/values.ts';
import type { TemporalPlan } from './environment-plan.ts';

/** The platform's server: a Service in the platform's namespace. */
export const temporalService = { name: 'temporal', port: 7233 } as const;

/** The Temporal namespace of an environment; undefined when its spec asks for none. */
export function planTemporal(spec: TemporalSpec | undefined, namespace: string): TemporalPlan | undefined {
  if (spec === undefined) return undefined;
  const { server, retention, searchAttributes } = spec;
  return { server, namespace, retentionSeconds: secondsOf(retention), searchAttributes };
}

/** HOST:PORT of the platform's server, as pods reach it. */
export const temporalAddress = `${temporalService.name}.${platformNamespace}.svc:${temporalService.port}`;

import type { NothingLeft } from '../../core/exhaustive.ts';
import { hostOf, partFacts } from '../../core/part-facts.ts';
import type { TemporalSpec } from '../spec/schema/temporal.ts';
import { secondsOf } from '../spec/schema/values.ts';
import type { TemporalPlan } from './environment-plan.ts';

/** The Temporal namespace of an environment; undefined when its spec asks for none. */
export function planTemporal(spec: TemporalSpec | undefined, namespace: string): TemporalPlan | undefined {
  if (spec === undefined) return undefined;
  const { server, retention, searchAttributes, ...rest } = spec;
  rest satisfies NothingLeft<typeof rest>;
  return { server, namespace, retentionSeconds: secondsOf(retention), searchAttributes };
}

/** HOST:PORT of the platform's server, as pods reach it. */
export const temporalAddress = `${hostOf('temporal')}:${partFacts.temporal.port.service}`;

import { join } from 'node:path';
import { hasCode } from '../../core/errors.ts';
import { answersHere } from '../../core/ingress.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import {
  defaultTimeoutSeconds,
  type ExpectedService,
  type ReadyInputs,
} from '../../resources/ready/contract.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import type { EnvironmentName } from '../target/target.ts';
import type { Expectation } from './observe.ts';
import { type EnvironmentRecord, readRecord } from './record.ts';

/**
 * What an environment should have: what the last `up` waited for, and after one that failed what coppice.yaml says, as
 * that may never have been created.
 */
export async function expectationOf(
  { app, slug, specFolder }: EnvironmentName,
  { ingress, http }: ClusterRecord,
): Promise<Expectation> {
  const [plan, record] = await Promise.all([
    readyPlanOf({ project: app, stack: slug }).catch(unlessDamaged),
    readRecord(app, slug),
  ]);
  return expectationFrom({ plan, record, specFolder }, { ingress, http });
}

/** What is known of an environment without asking the cluster. */
interface Known {
  readonly plan: ReadyInputs | undefined;
  readonly record: EnvironmentRecord | undefined;
  readonly specFolder: string | undefined;
}

/** The same from what was read already. */
export async function expectationFrom(
  { plan, record, specFolder }: Known,
  { ingress, http }: Pick<ClusterRecord, 'ingress' | 'http'>,
): Promise<Expectation> {
  // An `up` removes the record before it begins, and writes it when it has succeeded.
  const wanted = record === undefined && specFolder !== undefined ? await servicesIn(specFolder) : [];
  const services = merged(plan, wanted);
  return { services, plan, http: answersHere(ingress) ? (plan?.http ?? loopback(http.port)) : undefined };
}

/** A damaged state says nothing of what should be there. */
function unlessDamaged(error: unknown): undefined {
  if (!hasCode(error, 'COPPICE_DAMAGED')) throw error;
}

function loopback(port: number) {
  return { address: '127.0.0.1', port };
}

function merged(plan: ReadyInputs | undefined, wanted: readonly ExpectedService[]): ExpectedService[] {
  const known = plan?.services ?? [];
  return [...known, ...wanted.filter(({ name }) => !known.some((service) => service.name === name))];
}

/** None when the file is gone or wrong: `wt up` says why. */
async function servicesIn(folder: string): Promise<ExpectedService[]> {
  try {
    // Only after an `up` that did not succeed: these take longer to load than the rest of a list.
    const [{ loadSpec }, { secondsOf }] = await Promise.all([
      import('../../config/spec/load.ts'),
      import('../../config/spec/schema/spec.ts'),
    ]);
    const { spec } = await loadSpec(join(folder, 'coppice.yaml'));
    return Object.entries(spec.services).map(([name, { replicas, ready }]) => ({
      name,
      replicas,
      timeoutSeconds: ready ? secondsOf(ready.timeout) : defaultTimeoutSeconds,
    }));
  } catch {
    return [];
  }
}

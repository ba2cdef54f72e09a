import { messageOf } from '../../core/errors.ts';
import { answersHere } from '../../core/ingress.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import type { Collected } from './reach.ts';

/** Whatever is missing is a reason and no error: a program runs without telemetry as well. */
export async function collectorFor(target: Target, cwd: string, service: string): Promise<Collected> {
  const record = await readClusterRecord();
  if (record === undefined) return { notCollected: 'there is no cluster yet' };
  if (!answersHere(record.ingress)) return { notCollected: "the cluster's gateway is not on this machine" };
  try {
    const name = await nameEnvironment(target, cwd);
    const { reachCollector } = await import('./reach.ts');
    const connection = await connectTo(record);
    return await callCluster(record, () => reachCollector(connection, name, service));
  } catch (error) {
    return { notCollected: messageOf(error) };
  }
}

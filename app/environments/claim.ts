import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { type ErrorCode, hasCode } from '../../core/errors.ts';
import { answersHere } from '../../core/ingress.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Annotation, Label, managedBy } from '../../core/labels.ts';
import { databaseName } from '../../core/names.ts';
import type { Owner } from '../../core/owner.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { EnvironmentOutputs } from '../../resources/environment/contract.ts';
import type { PostgresPlace } from '../../servers/postgres/place.ts';
import { leftoverPlace } from '../databases/server-place.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName } from '../target/target.ts';

/** The coppice namespace under an environment's name in the cluster; undefined when there is none. */
export async function existingClaim(
  kube: Kube,
  record: ClusterRecord,
  name: Pick<EnvironmentName, 'app' | 'slug' | 'namespace'>,
): Promise<EnvironmentOutputs | undefined> {
  const there = await unlessGone(kube.core.readNamespace({ name: name.namespace }));
  const { labels = {}, annotations = {}, deletionTimestamp } = there?.metadata ?? {};
  const environmentId = labels[Label.environmentId];
  if (deletionTimestamp || labels[Label.managedBy] !== managedBy || environmentId === undefined)
    return undefined;
  return {
    kubeconfig: record.kubeconfig,
    context: record.context,
    cluster: record.uid,
    app: name.app,
    slug: name.slug,
    repository: annotations[Annotation.repository] ?? '',
    branch: annotations[Annotation.branch] ?? '',
    worktree: annotations[Annotation.worktree] ?? '',
    commit: annotations[Annotation.commit] ?? '',
    environmentId,
    namespace: name.namespace,
    ...(answersHere(record.ingress) ? { httpPort: record.http.port } : {}),
  };
}

/**
 * Removes what is in the cluster under an environment's name although no stack records it; false when there is nothing.
 * Only what coppice created for this app and slug. Its Temporal namespace is removed first.
 */
export async function releaseLeftover(
  kube: Kube,
  record: ClusterRecord,
  name: EnvironmentName,
  ports: Ports,
): Promise<boolean> {
  const state = await existingClaim(kube, record, name);
  if (state === undefined) return false;
  const { release } = await import('../../resources/environment/claim.ts');
  await interruptible(ports.interrupts, async (signal) => {
    // First: without the namespace no command would search for it again.
    const server = await leftoverPlace(name, record);
    await dropLeftover(kube, server, { ...state, environment: name.slug }, signal);
    await release(kube, state, signal);
  });
  return true;
}

const noServer: readonly ErrorCode[] = [
  'COPPICE_NO_DATABASE_SERVER',
  'COPPICE_DATABASE_UNREACHABLE',
  'COPPICE_PORT_FORWARD',
];

/** Its database too, if the server has one that this branch created. */
async function dropLeftover(
  kube: Kube,
  server: PostgresPlace,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const { withServer } = await import('../../servers/postgres/reach.ts');
  const { dropDatabase } = await import('../../servers/postgres/databases.ts');
  const request = { name: databaseName(owner.app, owner.environment), owner };
  try {
    await withServer(kube, { server }, signal, (connected) => dropDatabase(connected, request));
  } catch (error) {
    // It may never have had one; `wt doctor` finds what is left on the platform's server when that does not answer.
    const mayBeAbsent = server.kind === 'platform' && hasCode(error, ...noServer);
    if (!mayBeAbsent) throw error;
  }
}

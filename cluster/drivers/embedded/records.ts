import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { writeAtomic, writeJson } from '../../../core/files.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import { give, invokingUser, makeFolder } from '../../../core/user.ts';
import { embeddedContext } from '../../kube/here.ts';
import { userPaths } from '../user-paths.ts';
import { adminContext } from './certificates.ts';
import type { Layout } from './layout.ts';

/** Name of cluster, user and context in the user's kubeconfig. */
export const contextName = embeddedContext;

/**
 * The administrator's kubeconfig, with names that identify the cluster. In JSON, which is YAML too: who only reads an
 * environment does without a parser of YAML.
 *
 * @internal Its test compares what it writes.
 */
export function userKubeconfig(admin: string): string {
  const { clusters, users } = parse(admin) as { clusters: { cluster: object }[]; users: { user: object }[] };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: contextName, cluster: clusters[0]?.cluster }],
    users: [{ name: contextName, user: users[0]?.user }],
    contexts: [{ name: contextName, context: { cluster: contextName, user: contextName } }],
    'current-context': contextName,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Writes kubeconfig (0600) and record into the user's data folder, owned by them. */
export async function writeUserFiles(layout: Layout, record: ClusterRecord): Promise<void> {
  const { data, clusterRecord } = userPaths();
  // On a new machine ~/.local itself may be missing, and must not end up owned by root.
  await makeFolder(dirname(data), invokingUser());
  const admin = await readFile(join(layout.kubeconfigs, 'admin.conf'), 'utf8');
  await writeAtomic(record.kubeconfig, userKubeconfig(admin));
  await writeJson(clusterRecord, record);
  await give(data, invokingUser());
}

/** The superuser's kubeconfig, which has every right before any is granted. */
export function superuser(layout: Layout) {
  return {
    kubeconfig: join(layout.kubeconfigs, 'super-admin.conf'),
    context: `kubernetes-super-${adminContext.slice('kubernetes-'.length)}`,
  };
}

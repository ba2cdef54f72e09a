import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import type { Programs } from './programs.ts';
import { run } from './run.ts';

/** Users for which kubeadm writes no kubeconfig, because its own setups run them as pods. */
const extraUsers = { 'kube-proxy': 'system:kube-proxy', coredns: 'system:coredns' } as const;

/**
 * Certificates and kubeconfigs from kubeadm's phases, created once per data folder. `complete.conf` is written last:
 * without it everything is created again, as an interrupted first start may have left half of it.
 */
export async function makeCertificates(layout: Layout, programs: Programs): Promise<void> {
  const complete = join(layout.kubeconfigs, 'complete.conf');
  if (existsSync(complete)) return;
  const making = `${layout.kubeconfigs}.making`;
  for (const folder of [layout.pki, layout.kubeconfigs, making])
    await rm(folder, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o700 });
  const config = configFlag(layout);
  await run(programs.kubeadm, ['init', 'phase', 'certs', 'all', config]);
  const users = Object.entries(extraUsers).map(async ([file, user]) => {
    const text = await kubeconfigOf(user, layout, programs);
    await writeFile(join(making, `${file}.conf`), text, { mode: 0o600 });
  });
  await Promise.all([
    run(programs.kubeadm, ['init', 'phase', 'kubeconfig', 'all', config, `--kubeconfig-dir=${making}`]),
    ...users,
  ]);
  await copyFile(join(making, 'admin.conf'), join(making, 'complete.conf'));
  await rename(making, layout.kubeconfigs);
}

/** A new kubeconfig of a user without any group. */
export function kubeconfigOf(user: string, layout: Layout, programs: Programs): Promise<string> {
  const command = ['kubeconfig', 'user', configFlag(layout)];
  return run(programs.kubeadm, [...command, `--client-name=${user}`, '--validity-period=87600h']);
}

function configFlag(layout: Layout): string {
  return `--config=${layout.config}/kubeadm.yaml`;
}

/** Context that kubeadm writes into the administrator's kubeconfig. */
export const adminContext = 'kubernetes-admin@coppice';

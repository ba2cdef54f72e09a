import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, messageOf } from '../../../core/errors.ts';
import type { Progress } from '../../../core/progress.ts';
import { kubeconfigOf } from './certificates.ts';
import { type FirewallContext, policyChain, policyScript } from './firewall.ts';
import type { Layout } from './layout.ts';
import { removeChains, savedRules } from './network.ts';
import { grantPolicies } from './permissions.ts';
import { policyUser } from './processes.ts';
import type { Programs } from './programs.ts';
import { superuser } from './records.ts';
import { run } from './run.ts';

export interface PolicyContext extends FirewallContext {
  readonly layout: Layout;
  readonly programs: Programs;
  readonly progress: Progress;
  /** Path of the program that enforces network policies; undefined while nothing needs them. */
  policies(): Promise<string | undefined>;
}

/**
 * Has network policies enforced once a part of the platform needs them. The cluster runs without as well, so a failure is
 * reported and `wt doctor` shows what follows from it.
 */
export async function bringPolicies(context: PolicyContext): Promise<void> {
  const { layout, programs, progress } = context;
  try {
    const program = await context.policies();
    if (program === undefined) {
      await rm(layout.policyProgram, { force: true });
      return;
    }
    await makeKubeconfig(layout, programs);
    await grantPolicies(superuser(layout));
    await askForVerdicts(context);
    await link(program, layout.policyProgram);
  } catch (error) {
    noteUnenforced(error, progress);
  }
}

/** Throws `error` where it is Ctrl+C. */
function noteUnenforced(error: unknown, progress: Progress): void {
  if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
  progress.note(`network policies are not enforced: ${messageOf(error)}`);
}

async function makeKubeconfig(layout: Layout, programs: Programs): Promise<void> {
  const file = `${layout.kubeconfigs}/${policyUser}.conf`;
  if (existsSync(file)) return;
  const text = await kubeconfigOf(`system:${policyUser}`, layout, programs);
  await writeFile(`${file}.making`, text, { mode: 0o600 });
  await rename(`${file}.making`, file);
}

/** The supervisor starts the program once this link leads to it. */
async function link(program: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(`${path}.making`, { force: true });
  await symlink(program, `${path}.making`);
  await rename(`${path}.making`, path);
}

/**
 * At a cold start before any pod runs, if the program is there from an earlier one. It is taken away where no verdict can
 * be asked for, which a kernel without NFQUEUE refuses.
 */
export async function askForVerdictsAgain(
  context: FirewallContext & Pick<PolicyContext, 'layout' | 'progress'>,
  ask: (context: FirewallContext) => Promise<void> = askForVerdicts,
): Promise<void> {
  const { policyProgram } = context.layout;
  if (!existsSync(policyProgram)) return;
  try {
    await ask(context);
  } catch (error) {
    await rm(policyProgram, { force: true });
    noteUnenforced(error, context.progress);
  }
}

async function askForVerdicts(context: FirewallContext): Promise<void> {
  if ((await savedRules('iptables')).includes(`-A FORWARD -j ${policyChain}`)) return;
  await removeChains([policyChain]);
  await run('iptables-restore', ['--noflush', '--wait', '10'], { input: policyScript(context) });
}

import type { Kube } from '../../cluster/kube/client.ts';
import { type JobRequest, runJob } from '../../cluster/kube/jobs.ts';
import {
  emptyItems,
  emptyKey,
  installMounts,
  installVolumes,
  plainVariables,
  worktreeMounts,
  worktreeVolumes,
} from '../../config/plan/worktree-pod.ts';
import { appFolder } from '../../config/spec/app-folder.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Label } from '../../core/labels.ts';
import { commandLine } from '../../core/text/command-line.ts';
import { until } from '../../core/until.ts';
import { labelsOf } from './claim.ts';
import type { InstallInputs } from './contract.ts';
import { installName } from './inputs.ts';

const POLL_MS = 100;
/** A pod ends within its grace period; if it takes longer, the node does not answer. */
const ENDING_MS = 30_000;

/**
 * Runs the command of `install:` in its volume, with exclusive access. Throws COPPICE_INSTALL with its last output,
 * COPPICE_INTERRUPTED.
 */
export async function runInstall(kube: Kube, inputs: InstallInputs, signal: AbortSignal): Promise<void> {
  await endOthers(kube, inputs, signal);
  await runJob(kube, jobRequest(inputs, signal));
}

/** The Job to run. */
function jobRequest(inputs: InstallInputs, signal: AbortSignal): JobRequest {
  const { namespace, install, source, uid, gid } = inputs;
  const { name, image, command, timeoutSeconds } = install;
  return {
    namespace,
    name,
    code: 'COPPICE_INSTALL',
    hint: 'correct it, then `wt up` runs it again',
    labels: labelsOf(inputs),
    what: `install for ${install.services.join(', ')} (${commandLine(command)})`,
    image,
    command,
    workingDir: appFolder,
    // The caches of package managers follow HOME, and are deleted with the pod.
    variables: plainVariables({ HOME: '/tmp' }),
    secret: { [emptyKey]: '' },
    volumes: [
      ...worktreeVolumes(source, { secret: { secretName: name, items: emptyItems } }),
      ...installVolumes(install),
    ],
    mounts: [...worktreeMounts(source), ...installMounts(install)],
    user: { uid, gid },
    timeoutSeconds,
    signal,
  };
}

/** A run that was killed left its Job running in the same volume: two at once would corrupt it. */
async function endOthers(
  kube: Kube,
  { namespace, install }: InstallInputs,
  signal: AbortSignal,
): Promise<void> {
  const labelSelector = `${Label.install}=${installName(install)}`;
  await kube.batch.deleteCollectionNamespacedJob({
    namespace,
    labelSelector,
    propagationPolicy: 'Background',
  });
  const haveEnded = async () => {
    const [jobs, pods] = await Promise.all([
      kube.batch.listNamespacedJob({ namespace, labelSelector }),
      kube.core.listNamespacedPod({ namespace, labelSelector }),
    ]);
    return jobs.items.length === 0 && pods.items.length === 0;
  };
  const message = `an earlier install for ${installName(install)} does not end`;
  await until(haveEnded, {
    every: POLL_MS,
    within: ENDING_MS,
    late: () =>
      new CoppiceError('COPPICE_INSTALL', message, { hint: `kubectl -n ${namespace} get jobs,pods` }),
    signal,
  });
}

import { randomBytes } from 'node:crypto';
import type { V1Namespace } from '@kubernetes/client-node';
import { apiMessage, clusterUid, type Kube, statusOf, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError, ExitCode } from '../../config/errors.ts';
import { Annotation, fieldManager, Label, managedBy } from '../../config/labels.ts';
import { namespaceName } from '../../config/names.ts';
import { pause } from '../sleep.ts';
import type { EnvironmentInputs, EnvironmentOutputs } from './inputs.ts';
import { type Owner, ownerNames, ownershipOf } from './owner.ts';

/** How long a namespace of that name may take to be gone; the namespace controller holds each for 5 s. */
const TERMINATION_MS = 90_000;
const LOOK_MS = 100;

/**
 * Makes the namespace of an environment, or takes the one that this branch already has, with the id stored on it.
 * Waits for one that is just being deleted. Throws COPPICE_CLAIMED when the name is somebody else's,
 * COPPICE_TERMINATING, COPPICE_OTHER_CLUSTER, COPPICE_CLUSTER.
 */
export async function claim(
  kube: Kube,
  inputs: EnvironmentInputs,
  signal: AbortSignal,
): Promise<EnvironmentOutputs> {
  const namespace = namespaceName(inputs.app, inputs.slug);
  await requireCluster(kube, inputs.cluster);
  const deadline = performance.now() + TERMINATION_MS;
  for (;;) {
    const environmentId = randomBytes(4).toString('hex');
    if (await created(kube, wanted(inputs, namespace, environmentId))) {
      return { ...inputs, environmentId, namespace };
    }
    const there = await unlessGone(kube.core.readNamespace({ name: namespace }));
    // Gone or changed between two requests: the next round knows more.
    if (there && !there.metadata?.deletionTimestamp) {
      const adopted = await adopt(kube, inputs, there);
      if (adopted !== undefined) return { ...inputs, environmentId: adopted, namespace };
    } else if (performance.now() > deadline) throw stuck(namespace, there);
    await pause(LOOK_MS, signal);
  }
}

/** Throws COPPICE_OTHER_CLUSTER unless this is the cluster that was recorded. */
export async function requireCluster(kube: Kube, expected: string): Promise<void> {
  const actual = await clusterUid(kube).catch((cause) => {
    const { kubeconfig, context } = kube.address;
    throw new CoppiceError(
      'COPPICE_CLUSTER',
      `the cluster of context ${context} in ${kubeconfig} does not answer: ${apiMessage(cause)}`,
      { hint: 'run `wt cluster start`', cause, exitCode: ExitCode.unreachable },
    );
  });
  if (actual === expected) return;
  throw new CoppiceError(
    'COPPICE_OTHER_CLUSTER',
    `context ${kube.address.context} is another cluster (${actual}) than the recorded one (${expected})`,
    { hint: 'choose the right context, or run `pulumi refresh` if the old cluster is gone for good' },
  );
}

async function created(kube: Kube, body: V1Namespace): Promise<boolean> {
  try {
    await kube.core.createNamespace({ body, fieldManager });
    return true;
  } catch (error) {
    if (statusOf(error) === 409) return false;
    throw new CoppiceError(
      'COPPICE_CLUSTER',
      `namespace ${body.metadata?.name} cannot be made: ${apiMessage(error)}`,
      { hint: 'run `wt cluster status`', cause: error },
    );
  }
}

/** The environment id, or undefined when somebody changed the namespace in the same moment. */
async function adopt(kube: Kube, inputs: EnvironmentInputs, there: V1Namespace): Promise<string | undefined> {
  const name = there.metadata?.name ?? '';
  const ownership = ownershipOf(there, inputs);
  if (ownership.kind === 'foreign') throw foreign(name);
  if (ownership.kind === 'another') throw refusal(inputs.slug, ownership.owner, inputs);
  const environmentId = ownership.environmentId ?? randomBytes(4).toString('hex');
  const { labels, annotations } = wanted(inputs, name, environmentId).metadata ?? {};
  const { resourceVersion } = there.metadata ?? {};
  const metadata = { resourceVersion, labels, annotations };
  try {
    await kube.core.patchNamespace({ name, body: { metadata }, fieldManager }, kube.mergePatch);
    return environmentId;
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 404) return undefined;
    throw error;
  }
}

function wanted(inputs: EnvironmentInputs, name: string, environmentId: string): V1Namespace {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        [Label.managedBy]: managedBy,
        [Label.app]: inputs.app,
        [Label.environment]: inputs.slug,
        [Label.environmentId]: environmentId,
      },
      annotations: {
        [Annotation.repository]: inputs.repository,
        [Annotation.branch]: inputs.branch,
        [Annotation.worktree]: inputs.worktree,
        [Annotation.commit]: inputs.commit,
      },
    },
  };
}

/** Two branches can have one slug, so one name (`feat/a`, `feat-a`): who came first keeps it. */
export function refusal(slug: string, owner: Owner, wanted: Owner): CoppiceError {
  const [theirs, ours] = ownerNames(owner, wanted);
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `the environment ${slug} belongs to ${theirs}, so ${ours} cannot have it`,
    { hint: 'choose another name with `wt up --as NAME`, or remove that one with `wt down` in its worktree' },
  );
}

function foreign(namespace: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `a namespace ${namespace} exists already and was not made by coppice`,
    { hint: 'choose another name with `wt up --as NAME`' },
  );
}

function stuck(namespace: string, there: V1Namespace | undefined): CoppiceError {
  const conditions = there?.status?.conditions?.filter(({ status }) => status === 'True') ?? [];
  const why = conditions.map(({ message }) => message).filter(Boolean);
  const finalizers = there?.spec?.finalizers?.join(', ') ?? 'none';
  return new CoppiceError(
    'COPPICE_TERMINATING',
    [`namespace ${namespace} is still being deleted (finalizers: ${finalizers})`, ...why].join('\n  '),
    { hint: `see what holds it: kubectl get namespace ${namespace} -o yaml` },
  );
}

import { randomUUID } from 'node:crypto';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { retry, until } from '../../../core/until.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import { duration } from '../connection/times.ts';
import type { NamespaceRequest, Temporal } from '../types.ts';
import { isSameOwner, markData, type NamespaceOwner } from './mark.ts';
import { findNamespace, type Namespace } from './namespace.ts';
import { refuseProtected } from './protected.ts';
import { rollBack } from './roll-back.ts';
import { changeOf, changeSearchAttributes, searchAttributes } from './search-attributes.ts';
import { isCurrent } from './state.ts';
import { untilUsable } from './usable.ts';

export interface EnsuredNamespace {
  readonly id: string;
  /** False when it existed already. */
  readonly created: boolean;
}

/** How long to wait for a namespace of the same name that is being deleted. */
const longestDeletionMilliseconds = 30_000;
const pollMilliseconds = 50;

/**
 * The environment's namespace, created or adopted, with its retention and search attributes. It is usable when this
 * returns: a workflow that starts in it by name lands in it. May be repeated and run concurrently. A failed create is
 * rolled back. Throws COPPICE_CLAIMED, COPPICE_SEARCH_ATTRIBUTE, COPPICE_TEMPORAL_PROTECTED and what the connection
 * throws.
 */
export async function ensureNamespace(
  temporal: Temporal,
  request: NamespaceRequest,
  signal: AbortSignal,
): Promise<EnsuredNamespace> {
  refuseProtected(request.name);
  const connected = temporal.under(signal);
  const attempt = async () => {
    const found = await findNamespace(connected, request.name);
    if (found && !found.deleting)
      return { id: await adopt(connected, request, found, signal), created: false };
    const id = found ? undefined : await create(connected, request, signal);
    // Undefined when it is being created or deleted by another process.
    return id === undefined ? undefined : { id, created: true };
  };
  return until(attempt, {
    every: pollMilliseconds,
    within: longestDeletionMilliseconds,
    late: () => stillDeletingError(request.name),
    signal,
  });
}

/** Undefined when a namespace of that name exists by now. */
async function create(
  temporal: Temporal,
  request: NamespaceRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, owner, retentionSeconds } = request;
  const attempt = randomUUID();
  try {
    await temporal.workflow.registerNamespace({
      namespace: name,
      workflowExecutionRetentionPeriod: duration(retentionSeconds),
      data: markData({ ...owner, created: new Date().toISOString(), attempt }),
    });
    const made = await findNamespace(temporal, name);
    if (made?.mark?.attempt !== attempt) return undefined;
    await complete(temporal, request, made, signal);
    return made.id;
  } catch (error) {
    if (isRefusal(error, status.alreadyExists)) return undefined;
    throw await rollBack(temporal, { name, attempt }, error);
  }
}

async function adopt(
  temporal: Temporal,
  request: NamespaceRequest,
  found: Namespace,
  signal: AbortSignal,
): Promise<string> {
  const { name, owner, retentionSeconds } = request;
  if (!found.mark || !isSameOwner(found.mark, owner)) throw claimedError(request, found.mark);
  // Before anything is changed: it may be refused.
  const present = await whileUnknown(name, signal, () => searchAttributes(temporal, name));
  changeOf(request, present);
  if (!isCurrent(found, request)) {
    await temporal.workflow.updateNamespace({
      namespace: name,
      config: { workflowExecutionRetentionTtl: duration(retentionSeconds) },
      updateInfo: { data: markData(owner) },
    });
  }
  await complete(temporal, request, found, signal);
  return found.id;
}

/**
 * Usable first: until then a call by name may reach the deleted namespace. And usable again at the end: the server
 * reads all namespaces every 2 seconds, and a read that began before this one was created may end after it. On a busy
 * machine a namespace was usable, and then AddSearchAttributes, or the first workflow, did not find it: twice in some
 * 500.
 */
async function complete(
  temporal: Temporal,
  request: NamespaceRequest,
  { id, name }: Namespace,
  signal: AbortSignal,
): Promise<void> {
  await whileUnknown(name, signal, async () => {
    await untilUsable(temporal, { id, name }, signal);
    const change = changeOf(request, await searchAttributes(temporal, name));
    await changeSearchAttributes(temporal, name, change);
    await untilUsable(temporal, { id, name }, signal);
  });
}

/** Tries again while the server does not know a namespace that was created a moment ago. */
function whileUnknown<T>(name: string, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  return retry(attempt, {
    again: (error) => messageOf(error).includes(`Namespace ${name} is not found`),
    every: pollMilliseconds,
    within: longestDeletionMilliseconds,
    signal,
  });
}

function claimedError({ name, owner }: NamespaceRequest, mark: NamespaceOwner | undefined): CoppiceError {
  if (!mark) {
    return new CoppiceError(
      'COPPICE_CLAIMED',
      `Temporal namespace ${name} exists but was not created for an environment`,
      { hint: 'delete that namespace, or give the environment another name with `--as NAME`' },
    );
  }
  if (mark.cluster !== owner.cluster) {
    return new CoppiceError(
      'COPPICE_CLAIMED',
      `Temporal namespace ${name} belongs to branch ${mark.branch} of ${mark.repository} in another cluster`,
      {
        hint: 'give the environment another name with `--as NAME`; if that cluster no longer exists, delete the namespace with `temporal operator namespace delete`',
      },
    );
  }
  return new CoppiceError(
    'COPPICE_CLAIMED',
    `Temporal namespace ${name} belongs to branch ${mark.branch} of ${mark.repository}, ` +
      `but branch ${owner.branch} of ${owner.repository} asks for it`,
    { hint: 'give the environment another name with `--as NAME`' },
  );
}

function stillDeletingError(name: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_TEMPORAL_UNREACHABLE',
    `Temporal namespace ${name} has been in deletion for ${longestDeletionMilliseconds / 1000} seconds`,
    { hint: 'try again when Temporal is less busy' },
  );
}

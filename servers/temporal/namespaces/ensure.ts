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
  /** False when it was there already. */
  readonly created: boolean;
}

/** Longest that a namespace of the same name, which is being deleted, is waited for. */
const longestGoingMilliseconds = 30_000;
const lookMilliseconds = 50;

/**
 * The environment's namespace, created or adopted, with its retention and search attributes, usable when this returns:
 * what starts in it by its name lands in it. May be repeated and run twice at once. A create that fails takes back what
 * it made. Throws COPPICE_CLAIMED, COPPICE_SEARCH_ATTRIBUTE, COPPICE_TEMPORAL_PROTECTED and what the connection throws.
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
    if (found && !found.going) return { id: await adopt(connected, request, found, signal), created: false };
    const id = found ? undefined : await create(connected, request, signal);
    // Undefined when somebody creates or deletes it at this moment.
    return id === undefined ? undefined : { id, created: true };
  };
  return until(attempt, {
    every: lookMilliseconds,
    within: longestGoingMilliseconds,
    late: () => stillGoingError(request.name),
    signal,
  });
}

/** Undefined when there is one of that name by now. */
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
 * Usable first: what is said by its name before that may reach the namespace of before. And usable again at the end: the
 * server reads all namespaces every 2 seconds, and a reading that began before this one was made may end after it. On a
 * busy machine one was usable, and then AddSearchAttributes, or the first workflow, did not find it: twice in some 500.
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
    every: lookMilliseconds,
    within: longestGoingMilliseconds,
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

function stillGoingError(name: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_TEMPORAL_UNREACHABLE',
    `Temporal namespace ${name} has been in deletion for ${longestGoingMilliseconds / 1000} seconds`,
    { hint: 'try again when Temporal is less busy' },
  );
}

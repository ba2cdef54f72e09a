import { CoppiceError, type ErrorCode, hasCode } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { detailsOf, isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';

const longestMilliseconds = 15_000;
const pollMilliseconds = 20;
const identity = 'coppice';
const answers: readonly ErrorCode[] = ['COPPICE_TEMPORAL', 'COPPICE_TEMPORAL_DENIED'];

/**
 * Waits until the server resolves this name to this namespace.
 *
 * A frontend caches for 2 seconds which namespace a name means, and for 1 second that it means none. After a delete and
 * a create under one name, StartWorkflowExecution therefore answered OK and put the workflow into the namespace that
 * was being deleted (server 1.32.0). A call by id makes the frontend refresh its cache: the only call that identifies a
 * namespace by nothing but its id, in a task token, is the result of an activity. This one names a workflow that cannot
 * exist, so it is answered with "not found" and changes nothing. The same call with id and name is refused as long as
 * the name means another namespace, or none.
 */
export async function untilUsable(
  temporal: Temporal,
  { name, id }: { readonly name: string; readonly id: string },
  signal: AbortSignal,
): Promise<void> {
  const taskToken = tokenOf(id);
  const isUsable = async () => {
    await remind(temporal, taskToken);
    return isMeant(temporal, { taskToken, namespace: name });
  };
  await until(isUsable, {
    every: pollMilliseconds,
    within: longestMilliseconds,
    late: () => notUsableError(name),
    signal,
  });
}

/**
 * Any response is fine, even a denial, as the call has no namespace: the other call tells whether the name is resolved.
 */
async function remind({ workflow }: Temporal, taskToken: Uint8Array): Promise<void> {
  try {
    await workflow.respondActivityTaskFailed({ taskToken, identity });
  } catch (error) {
    const isAnswer = hasCode(error, ...answers);
    if (!isAnswer) throw error;
  }
}

/** False when the server resolves the name to another namespace or to none. */
async function isMeant(
  { workflow }: Temporal,
  about: { readonly taskToken: Uint8Array; readonly namespace: string },
): Promise<boolean> {
  try {
    await workflow.respondActivityTaskFailed({ ...about, identity });
    return true;
  } catch (error) {
    if (isRefusal(error, status.notFound))
      return !/^Namespace /.test(detailsOf((error as CoppiceError).cause));
    if (isRefusal(error, status.invalidArgument)) return false;
    throw error;
  }
}

/** `temporal.server.api.token.v1.Task` as a protocol buffer: namespace id, workflow id, run id, event id. */
function tokenOf(namespaceId: string): Uint8Array {
  const text = (field: number, value: string) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), Buffer.from(value)]);
  return Buffer.concat([
    text(1, namespaceId),
    text(2, 'x'),
    text(3, '00000000-0000-4000-8000-000000000000'),
    Buffer.from([4 << 3, 5]),
  ]);
}

function notUsableError(name: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_TEMPORAL_UNREACHABLE',
    `Temporal did not start serving namespace ${name} within ${longestMilliseconds / 1000} seconds`,
    {
      hint: "try again; for the platform's Temporal see `kubectl -n coppice logs deploy/temporal`",
    },
  );
}

import { CoppiceError, type ErrorCode, hasCode } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { isRefusal, status, wordsOf } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';

const longestMilliseconds = 15_000;
const lookMilliseconds = 20;
const identity = 'coppice';
const answers: readonly ErrorCode[] = ['COPPICE_TEMPORAL', 'COPPICE_TEMPORAL_DENIED'];

/**
 * Waits until the server means this namespace by this name.
 *
 * A frontend remembers for 2 seconds which namespace a name means, and for 1 second that it means none. After a delete
 * and a create under one name, StartWorkflowExecution therefore answered OK and put the workflow into the namespace
 * that was being deleted (server 1.32.0). Asking by the id makes it look, and remember what it finds: the one call that
 * names a namespace by nothing but its id, in a task token, is the answer to an activity. This one is of a workflow
 * that cannot exist, so it is answered with "not found" and changes nothing. The same call with id and name is refused
 * as long as the name means another namespace, or none.
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
    every: lookMilliseconds,
    within: longestMilliseconds,
    late: () => notUsableError(name),
    signal,
  });
}

/** Whatever the server says to it, which may be a denial, as no namespace is named: the other call tells. */
async function remind({ workflow }: Temporal, taskToken: Uint8Array): Promise<void> {
  try {
    await workflow.respondActivityTaskFailed({ taskToken, identity });
  } catch (error) {
    const isAnswer = hasCode(error, ...answers);
    if (!isAnswer) throw error;
  }
}

/** False when the server says that the namespace is another or unknown. */
async function isMeant(
  { workflow }: Temporal,
  about: { readonly taskToken: Uint8Array; readonly namespace: string },
): Promise<boolean> {
  try {
    await workflow.respondActivityTaskFailed({ ...about, identity });
    return true;
  } catch (error) {
    if (isRefusal(error, status.notFound)) return !/^Namespace /.test(wordsOf((error as CoppiceError).cause));
    if (isRefusal(error, status.invalidArgument)) return false;
    throw error;
  }
}

/**
 * `temporal.server.api.token.v1.Task` in the encoding of protocol buffers: namespace id, workflow id, run id, event id.
 */
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

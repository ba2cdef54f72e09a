import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { taskQueue } from '../shared/task-queue.js';
import { clientTracing } from '../shared/tracing.js';

const orderId = defineSearchAttributeKey('OrderId', SearchAttributeType.KEYWORD);
/** Milliseconds that Temporal has to answer. */
const PATIENCE = 2000;
/** Milliseconds until orders that could not be started are tried again. */
const PAUSE = 3000;

const saidBy = (error) => error.cause?.details ?? error.message;
/** DEADLINE_EXCEEDED or UNAVAILABLE of gRPC. */
const unreachable = (error) => [4, 14].includes(error.cause?.code);

/**
 * Gives each placed order its workflow. The order is written first, and stays `placed` where Temporal does not answer:
 * it is started as soon as it does, by this process or the next one. No order is lost, and none runs twice, as only
 * one workflow of an id can be running.
 *
 * @param {{ address: string, namespace: string }} server
 * @param {{ placed: () => Promise<number[]> }} store
 */
export function orderWorkflows({ address, namespace }, store) {
  const connection = Connection.lazy({
    address,
    connectTimeout: PATIENCE,
    channelArgs: { 'grpc.max_reconnect_backoff_ms': PAUSE },
  });
  const client = clientTracing().then((tracing) => new Client({ connection, namespace, ...tracing }));
  const waiting = new Set();
  let rememberedAll = false;
  let trouble = null;

  /** Whether it has its workflow now. */
  async function start(id) {
    waiting.add(id);
    try {
      const { workflow } = await client;
      await connection.withDeadline(Date.now() + PATIENCE, () =>
        workflow.start('order', {
          taskQueue,
          workflowId: `order-${id}`,
          args: [id],
          typedSearchAttributes: [{ key: orderId, value: String(id) }],
        }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
        const now = `Temporal at ${address} ${unreachable(error) ? 'does not answer' : `says: ${saidBy(error)}`}`;
        if (now !== trouble) console.error(`order ${id} waits: ${now}`);
        trouble = now;
        return false;
      }
    }
    waiting.delete(id);
    trouble = null;
    return true;
  }

  async function startWaiting() {
    if (!rememberedAll) for (const id of await store.placed()) waiting.add(id);
    rememberedAll = true;
    for (const id of waiting) if (!(await start(id))) return;
  }

  async function keepStarting() {
    await startWaiting().catch((error) => console.error(`placed orders wait: ${error.message}`));
    setTimeout(keepStarting, PAUSE).unref();
  }
  void keepStarting();

  return {
    namespace,
    start,
    /** Why orders wait, or null. */
    trouble: () => trouble,
  };
}

import type { temporal as proto } from '@temporalio/proto';
import type { Temporal } from '../../../servers/temporal/types.ts';
import { served, until } from './harness.ts';

type Failure = proto.api.failure.v1.IFailure;

/** A worker without an SDK: its calls to the server, made one by one. */
export interface ByHand {
  /** Takes a workflow task and answers it with an activity to run; `queue` is the workflow's when absent. */
  schedule(activity: string, options?: { readonly queue?: string }): Promise<void>;
  /** Takes an activity task and fails it. */
  failActivity(failure: Failure): Promise<void>;
  completeActivity(): Promise<void>;
  /** Takes a workflow task and fails it. `cause`: temporal.api.enums.v1.WorkflowTaskFailedCause */
  failTask(cause: number, message: string): Promise<void>;
  completeWorkflow(): Promise<void>;
  failWorkflow(failure: Failure): Promise<void>;
}

/** temporal.api.enums.v1.CommandType */
const command = { scheduleActivity: 1, completeWorkflow: 4, failWorkflow: 5 } as const;

export function workerByHand(temporal: Temporal, namespace: string, queue: string): ByHand {
  const workflow = askingAgain(temporal.workflow);
  const polled = { namespace, taskQueue: { name: queue }, identity: 'by hand' };
  const workflowTask = async () => (await polledTask(() => workflow.pollWorkflowTaskQueue(polled))).taskToken;
  const activityTask = async () => (await polledTask(() => workflow.pollActivityTaskQueue(polled))).taskToken;
  const answer = async (one: proto.api.command.v1.ICommand) => {
    await workflow.respondWorkflowTaskCompleted({
      namespace,
      taskToken: await workflowTask(),
      identity: 'by hand',
      commands: [one],
    });
  };
  return {
    schedule: (activity, options = {}) =>
      answer({
        commandType: command.scheduleActivity,
        scheduleActivityTaskCommandAttributes: {
          activityId: activity,
          activityType: { name: activity },
          taskQueue: { name: options.queue ?? queue },
          startToCloseTimeout: seconds(600),
          retryPolicy: { initialInterval: { nanos: 1_000_000 }, backoffCoefficient: 1 },
        },
      }),
    failActivity: async (failure) => {
      const taskToken = await activityTask();
      await workflow.respondActivityTaskFailed({ namespace, taskToken, failure, identity: 'by hand' });
    },
    completeActivity: async () => {
      const taskToken = await activityTask();
      await workflow.respondActivityTaskCompleted({ namespace, taskToken, identity: 'by hand' });
    },
    failTask: async (cause, message) => {
      const taskToken = await workflowTask();
      const failure = {
        message,
        source: 'by hand',
        applicationFailureInfo: { type: 'DeterminismViolation' },
      };
      await workflow.respondWorkflowTaskFailed({ namespace, taskToken, cause, failure, identity: 'by hand' });
    },
    completeWorkflow: () =>
      answer({ commandType: command.completeWorkflow, completeWorkflowExecutionCommandAttributes: {} }),
    failWorkflow: (failure) =>
      answer({ commandType: command.failWorkflow, failWorkflowExecutionCommandAttributes: { failure } }),
  };
}

/** A service whose calls are made again while the server does not find a new namespace. */
function askingAgain<Service extends object>(service: Service): Service {
  return new Proxy(service, {
    get: (target, name) => (request: object) => {
      const call = Reflect.get(target, name) as (request: object) => Promise<unknown>;
      return served(() => call.call(target, request));
    },
  });
}

function seconds(number: number) {
  return { seconds: number } as unknown as NonNullable<
    proto.api.command.v1.IScheduleActivityTaskCommandAttributes['startToCloseTimeout']
  >;
}

/** A poll may end without a task. */
async function polledTask<Answer extends { readonly taskToken: Uint8Array }>(
  poll: () => Promise<Answer>,
): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await poll();
    return answer.taskToken.length > 0;
  });
  if (!answer) throw new Error('no task');
  return answer;
}

/** Polls for work of both kinds, like an idle worker, until it is ended. */
export async function pollUntilEnded(
  temporal: Temporal,
  namespace: string,
  queue: string,
  identity: string,
): Promise<() => Promise<void>> {
  const ending = new AbortController();
  const { workflow } = temporal.under(ending.signal);
  const polled = { namespace, taskQueue: { name: queue }, identity };
  const repeat = async (poll: () => Promise<unknown>) => {
    while (!ending.signal.aborted) await poll().catch(() => undefined);
  };
  const polls = [
    repeat(() => workflow.pollWorkflowTaskQueue(polled)),
    repeat(() => workflow.pollActivityTaskQueue(polled)),
  ];
  await until(async () => {
    const asked = await Promise.all(
      [1, 2].map((taskQueueType) =>
        temporal.workflow.describeTaskQueue({ namespace, taskQueue: { name: queue }, taskQueueType }),
      ),
    );
    return asked.every(({ pollers }) => pollers.some((one) => one.identity === identity));
  });
  return async () => {
    ending.abort();
    await Promise.all(polls);
  };
}

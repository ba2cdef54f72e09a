import { describe, expect, test } from 'vitest';
import { lossOf, refuseLoss } from '../../../../app/environments/temporal-loss.ts';
import type { Target } from '../../../../app/target/target.ts';
import { type Running, refuseRunning } from '../../../../app/workflows/running.ts';
import { type Fate, namespaceToRemove } from '../../../../app/workflows/running-check.ts';
import {
  type TemporalStatus,
  temporalFaults,
  withoutWorker,
} from '../../../../app/workflows/temporal-status.ts';
import { temporalDocument, temporalLines } from '../../../../cli/ui/workers.ts';
import { fateText } from '../../../../cli/verbs/down.ts';
import type { Kube } from '../../../../cluster/kube/client.ts';
import type { TemporalInputs, TemporalOutputs } from '../../../../resources/temporal-namespace/contract.ts';
import type { Poller, TaskQueue } from '../../../../servers/temporal/workflows/types.ts';
import { record as cluster } from '../../../golden/plans.ts';
import { testPorts } from '../ports.ts';

const environment = { app: 'shop', slug: 'main' };
const twelve: Running = {
  kind: 'counted',
  count: 12,
  types: [
    ['placeOrder', 10],
    ['sendMail', 2],
  ],
  schedules: 0,
};
const none: Running = { kind: 'counted', count: 0, types: [], schedules: 0 };
const scheduled: Running = { ...none, schedules: 2 };
const unknown: Running = { kind: 'unknown', why: 'Temporal at 127.0.0.1:17233 does not answer' };

const thrown = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('wt down', () => {
  const refused = (found: Running, target: Target = {}) =>
    thrown(() => refuseRunning(environment, 'wt-shop--main', found, target));

  test('refuses while workflows run, with their number, their types and both ways to continue', () => {
    expect(refused(twelve)).toMatchObject({
      code: 'COPPICE_WORKFLOWS_RUNNING',
      exitCode: 1,
      message:
        '12 workflows run in the Temporal namespace wt-shop--main (10 placeOrder, 2 sendMail), and would be deleted with it: shop/main was left as it is',
      hint: 'wt workflows shows them; to lose them: wt down --force',
    });
  });

  test('continues when none runs, and when they cannot be counted', () => {
    expect(refused(none)).toBeUndefined();
    expect(refused(unknown)).toBeUndefined();
    expect(refused(scheduled)).toBeUndefined();
  });

  test('names the schedules that would go with the workflows', () => {
    expect(refused({ ...twelve, schedules: 1 })).toMatchObject({
      message: expect.stringContaining(
        '12 workflows run in the Temporal namespace wt-shop--main (10 placeOrder, 2 sendMail), which has 1 schedule,',
      ),
    });
  });

  test('names both ways to continue for the environment that was named', () => {
    expect(refused(twelve, { environment: 'feat-b' })).toMatchObject({
      hint: 'wt workflows --env feat-b shows them; to lose them: wt down feat-b --force',
    });
    expect(refused(twelve, { as: 'demo' })).toMatchObject({
      hint: 'wt workflows --as demo shows them; to lose them: wt down --as demo --force',
    });
  });

  const inputs = (server: TemporalInputs['server']) =>
    ({ server, temporal: { namespace: 'wt-shop--main' } }) as TemporalInputs;
  const fateOfNamespace = (
    fate: Fate,
    running: Running,
    server: TemporalInputs['server'] = { kind: 'platform' },
  ) => fateText({ inputs: inputs(server), running, fate });

  test('reports a namespace as gone only when that was seen', () => {
    expect(fateOfNamespace('gone', none)).toBe('gone');
    expect(fateOfNamespace('gone', { ...none, count: 1 })).toBe('gone, with 1 running workflow');
    expect(fateOfNamespace('gone', scheduled)).toBe('gone, with 2 schedules');
    expect(fateOfNamespace('gone', { ...scheduled, count: 3 })).toBe(
      'gone, with 3 running workflows and 2 schedules',
    );
    for (const fate of ['stays', 'left', 'unseen'] as const) {
      const running = fate === 'left' ? unknown : twelve;
      expect(fateOfNamespace(fate, running)).toMatch(/removed later, and `wt doctor` shows it until then$/);
      expect(fateOfNamespace(fate, running, { ...managed, namespaces: 'create' })).toMatch(
        /; it may still be at temporal\.example\.com:7233, where it is not checked again$/,
      );
    }
  });

  test("without a managed server's key continues only by force, and then touches nothing there", async () => {
    const apiKey = { env: 'NO_SUCH_KEY' };
    const here = inputs({ ...managed, namespaces: 'create', apiKey });
    const remove = (force: boolean) =>
      namespaceToRemove({} as Kube, cluster, here, { environment: 'feat-b', force }, testPorts());
    await expect(remove(false)).rejects.toMatchObject({
      code: 'COPPICE_MANAGED_TEMPORAL',
      hint: expect.stringMatching(
        /to leave the namespace wt-shop--main where it is: wt down feat-b --force$/,
      ),
    });
    expect(await remove(true)).toMatchObject({
      running: { kind: 'unknown', why: expect.stringContaining('NO_SUCH_KEY') },
    });
  });

  test("leaves other people's namespaces alone, without a look", async () => {
    const theirs = inputs({ ...managed, namespaces: 'existing' });
    expect(
      await namespaceToRemove({} as Kube, cluster, theirs, { force: false }, testPorts()),
    ).toBeUndefined();
  });
});

const managed = { kind: 'managed', address: 'temporal.example.com:7233' } as const;

describe('wt up of a changed spec', () => {
  const outputs = (changes: Partial<TemporalOutputs> = {}): TemporalOutputs => ({
    ...({
      server: { kind: 'platform' },
      app: 'shop',
      namespaceId: 'id',
      temporal: {
        server: 'platform',
        namespace: 'wt-shop--main',
        retentionSeconds: 86_400,
        searchAttributes: {},
      },
    } as unknown as TemporalOutputs),
    ...changes,
  });
  const inputsWith = (changes: Partial<TemporalInputs> = {}): TemporalInputs => outputs(changes as object);

  test('loses nothing while the namespace stays', () => {
    expect(lossOf(outputs(), inputsWith())).toBeUndefined();
    const another = { ...outputs().temporal, retentionSeconds: 3600 };
    expect(lossOf(outputs(), inputsWith({ temporal: another }))).toBeUndefined();
  });

  test.each<[string, TemporalInputs | undefined, string]>([
    ['without the section', undefined, 'coppice.yaml no longer has `temporal:`'],
    [
      'with another server',
      inputsWith({ server: { ...managed, namespaces: 'create' } }),
      'coppice.yaml says `server: managed`',
    ],
    [
      'with another name',
      inputsWith({ temporal: { ...outputs().temporal, namespace: 'ann-shop-main' } }),
      'its name is ann-shop-main now',
    ],
  ])('%s loses it', (_, now, why) => {
    expect(lossOf(outputs(), now)).toBe(why);
  });

  test('loses nothing that others created', () => {
    expect(lossOf(outputs({ server: { ...managed, namespaces: 'existing' } }), undefined)).toBeUndefined();
    expect(lossOf(outputs({ server: { ...managed, namespaces: 'create' } }), undefined)).toBeDefined();
  });

  const refused = (found: Running) =>
    thrown(() =>
      refuseLoss(environment, outputs(), 'coppice.yaml no longer has `temporal:`', found, { as: 'demo' }),
    );

  test('is refused while workflows run, with the flag that allows it', () => {
    expect(refused(twelve)).toMatchObject({
      code: 'COPPICE_TEMPORAL_LOST',
      exitCode: 1,
      message: expect.stringMatching(/no longer has `temporal:`, and 12 workflows run in .*wt-shop--main/),
      hint: expect.stringContaining('wt up --as demo --drop-temporal'),
    });
    expect(refused(none)).toBeUndefined();
  });

  test('is refused too when running workflows cannot be counted, without a flag that would lose sight of it', () => {
    expect(refused(unknown)).toMatchObject({
      code: 'COPPICE_TEMPORAL_LOST',
      exitCode: 3,
      hint: 'restore it, or run this again when the server answers: `wt doctor`',
    });
  });
});

const queue = (name: string, changes: Partial<TaskQueue> = {}): TaskQueue => ({
  name,
  pollers: [],
  running: 0,
  backlog: 0,
  ...changes,
});
const poller = (identity: string, ...polls: Poller['polls']) => ({
  identity,
  lastSeen: '2026-01-05T12:00:00Z',
  polls: polls.length === 0 ? (['workflow', 'activity'] as const) : polls,
});

describe('wt status', () => {
  const status = (...queues: TaskQueue[]): TemporalStatus => ({
    kind: 'seen',
    namespace: 'wt-shop--main',
    queues,
    list: { workflows: [], total: { running: 3, failed: 0 } },
  });

  test('counts the workers of each task queue, and names the queues on which workflows wait in vain', () => {
    const seen = status(
      queue('orders', { pollers: [poller('12@shop-worker')], running: 1 }),
      queue('mail', { running: 2 }),
      queue('old'),
    );
    expect(temporalLines(seen).join('\n').split('\n')).toEqual([
      '  temporal  wt-shop--main: 3 running',
      '    orders  1 worker: 12@shop-worker',
      '    mail    no worker polls it, and 2 workflows wait',
      '    old     no worker polls it',
    ]);
    expect(withoutWorker(seen).map(({ name }) => name)).toEqual(['mail']);
    expect(temporalFaults(seen)).toEqual([
      { kind: 'workers', what: 'no worker polls task queue mail for workflows, and 2 workflows wait there' },
    ]);
  });

  test('expects no worker where nothing runs', () => {
    expect(withoutWorker(status(queue('old')))).toEqual([]);
    expect(temporalFaults(status(queue('old')))).toEqual([]);
  });

  test('mentions that no worker has asked for work yet where nothing runs', () => {
    expect(temporalLines(status()).at(-1)).toBe('    no worker has asked for work yet');
    expect(withoutWorker(status())).toEqual([]);
  });

  test('reports a missing worker where one polls only for activities and workflows wait', () => {
    const activities = poller('12@shop-worker', 'activity');
    const seen = status(
      queue('idle', { pollers: [activities] }),
      queue('orders', { pollers: [activities], running: 1 }),
    );
    expect(temporalLines(seen).join('\n').split('\n').slice(1)).toEqual([
      '    idle    no worker polls it for workflows; 1 worker: 12@shop-worker',
      '    orders  no worker polls it for workflows, and 1 workflow waits; 1 worker: 12@shop-worker',
    ]);
    expect(withoutWorker(seen).map(({ name }) => name)).toEqual(['orders']);
    expect(temporalDocument(seen)).toMatchObject({ withoutWorker: ['orders'] });
  });

  test('reports that a namespace is gone, which is not a missing worker', () => {
    const gone: TemporalStatus = { kind: 'gone', namespace: 'wt-shop--main' };
    expect(temporalLines(gone)).toEqual(['  temporal  wt-shop--main: it is gone, with everything in it']);
    expect(withoutWorker(gone)).toEqual([]);
    expect(temporalFaults(gone)).toEqual([
      { kind: 'namespace', what: 'its Temporal namespace wt-shop--main is gone, with everything in it' },
    ]);
    expect(temporalDocument(gone)).toMatchObject({ gone: true });
  });

  test('reports in one line that the server does not answer', () => {
    const unseen: TemporalStatus = { kind: 'unseen', namespace: 'wt-shop--main', why: 'no answer' };
    expect(temporalLines(unseen)).toEqual(['  temporal  wt-shop--main: no answer']);
    expect(withoutWorker(unseen)).toEqual([]);
  });
});

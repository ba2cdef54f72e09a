import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTemporal } from '../../servers/temporal/connection/connection.ts';
import { deleteById } from '../../servers/temporal/namespaces/delete.ts';
import { markData } from '../../servers/temporal/namespaces/mark.ts';
import { findNamespace } from '../../servers/temporal/namespaces/namespace.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { served } from '../servers/temporal/harness.ts';
import { edit, eventually, kubectl, Repository, testFolder, unchangedUp, wt, wtOk } from './harness.ts';

/** One service that needs nothing from Temporal but its name: workflows are started and answered by hand. */
const spec = `version: 1
name: jobs
services:
  web:
    runtime: node
    command: [node, -e, "require('node:http').createServer((_, r) => r.end(process.env.TEMPORAL_NAMESPACE)).listen(process.env.PORT)"]
    port: 4000
    env: { TEMPORAL_NAMESPACE: "\${temporal.namespace}" }
temporal: {}
`;
const namespace = 'wt-jobs--main';
const taskQueue = { name: 'jobs' };
const identity = 'a test';

let repository: Repository;
let cwd: string;
let temporal: Temporal;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  repository = new Repository({ spec });
  cwd = repository.top;
  edit(join(cwd, 'Pulumi.yaml'), 'name: shop', 'name: jobs');
  repository.commit('Work');
  await wtOk(['up'], { cwd });
  await connect();
});

afterAll(async () => {
  temporal?.close();
  await wt(['down', '--force'], { cwd });
  repository.remove();
});

async function connect(): Promise<void> {
  const record = JSON.parse(readFileSync(join(testFolder(), 'data', 'coppice', 'cluster.json'), 'utf8'));
  temporal?.close();
  temporal = await eventually('an answer of Temporal', () =>
    connectTemporal({ address: `127.0.0.1:${record.temporal.port}` }),
  );
}

const start = (workflowId: string, type = 'wait') => {
  const requestId = randomUUID();
  const workflowType = { name: type };
  return served(() =>
    temporal.workflow.startWorkflowExecution({
      namespace,
      workflowId,
      workflowType,
      taskQueue,
      identity,
      requestId,
    }),
  );
};

/** Takes the next workflow task, as a worker does. */
const poll = () => served(() => temporal.workflow.pollWorkflowTaskQueue({ namespace, taskQueue, identity }));

async function failTask(): Promise<void> {
  const { taskToken } = await poll();
  const failure = { message: 'no workflow of this type' };
  await temporal.workflow.respondWorkflowTaskFailed({
    namespace,
    taskToken,
    identity,
    failure,
    cause: 0,
  });
}

/** temporal.api.enums.v1.CommandType */
const failWorkflow = 5;

async function endTask(message: string): Promise<void> {
  const { taskToken } = await poll();
  const failure: proto.api.failure.v1.IFailure = {
    message,
    cause: { message: 'the bank said 402' },
    applicationFailureInfo: { type: 'CardDeclined' },
  };
  await temporal.workflow.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    identity,
    commands: [{ commandType: failWorkflow, failWorkflowExecutionCommandAttributes: { failure } }],
  });
}

const terminate = (workflowId: string) =>
  temporal.workflow.terminateWorkflowExecution({ namespace, workflowExecution: { workflowId }, identity });

interface Listed {
  readonly running: number;
  readonly failed: number;
  readonly stuck: number;
  readonly workflows: readonly { readonly id: string; readonly kind: string; readonly reason?: string }[];
}

/** The server's list lags some tens of milliseconds. */
const listed = (what: string, is: (found: Listed) => boolean) =>
  eventually(what, async () => {
    const found = JSON.parse((await wt(['workflows', '--json'], { cwd })).stdout) as Listed;
    return is(found) ? found : undefined;
  });

describe('wt workflows', () => {
  test('reports that nothing runs in a namespace that was just created', async () => {
    const { stdout } = await wtOk(['workflows'], { cwd });
    expect(stdout).toMatch(
      /^jobs\/main: no workflow runs, none failed in the last 24 hours \(wt-jobs--main\)$/m,
    );
    expect((await wtOk(['workflows', 'ls'], { cwd })).stdout).toBe(stdout);
  });

  test('ends with 1 and names the task queue when no worker polls it', async () => {
    await start('lonely');
    const { workflows } = await listed('one is stuck', ({ stuck }) => stuck === 1);
    expect(workflows).toMatchObject([
      { id: 'lonely', kind: 'stuck', reason: expect.stringContaining('jobs') },
    ]);
    const { code, stdout } = await wt(['workflows'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}lonely +wait +stuck +\d+ \S+ +no worker asks for work of jobs$/m);
  });

  test('shows what failed, in words and with its cause', async () => {
    await endTask('no money');
    await listed('one failed', ({ failed }) => failed === 1);
    const { stdout } = await wtOk(['workflows', 'show', 'lonely'], { cwd });
    expect(stdout).toContain('lonely (wait): Failed');
    expect(stdout).toContain('no money');
    expect(stdout).toContain('because: the bank said 402');
    expect(stdout.trim().split('\n').at(-1)).toMatch(
      /^ {2}http:\/\/temporal\.localhost(:\d+)?\/namespaces\/wt-jobs--main\/workflows\/lonely\/[0-9a-f-]{36}$/,
    );
    expect((await wtOk(['workflows'], { cwd })).stdout).toMatch(
      /^ {2}lonely +wait +failed .*the bank said 402$/m,
    );
  });

  test('shows a workflow as running with a worker that polls, and as stuck when its task fails repeatedly', async () => {
    await start('broken', 'refund');
    await failTask();
    await failTask();
    const { workflows } = await listed('it is stuck', (found) =>
      found.workflows.some(
        ({ id, kind, reason }) => id === 'broken' && kind === 'stuck' && /failed/.test(reason ?? ''),
      ),
    );
    expect(workflows[0]).toMatchObject({
      id: 'broken',
      reason: expect.stringContaining('no workflow of this type'),
    });
    expect((await wtOk(['workflows', 'show', 'broken'], { cwd })).stdout).toContain('workflow task failed');
  });

  test('suggests the id that was meant', async () => {
    const { code, stderr } = await wt(['workflows', 'show', 'brokne'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('there is no workflow brokne in wt-jobs--main');
    expect(stderr).toContain('did you mean broken?');
  });

  test('reports that an environment has no namespace', async () => {
    const { code, stdout } = await wt(['workflows', '--as', 'nowhere', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'COPPICE_NO_TEMPORAL' });
  });
});

describe('wt status', () => {
  test('names the worker of a task queue while it polls', async () => {
    const { stdout, code } = await wt(['status'], { cwd });
    expect(stdout).toMatch(/^ {2}temporal {2}wt-jobs--main: 1 stuck, 1 failed in the last 24 hours$/m);
    expect(stdout).toMatch(/^ {4}jobs {2}1 worker: a test$/m);
    expect(code).toBe(0);
  });

  test('ends with 1 when workflows wait and no worker polls', async () => {
    await temporal.workflow.startWorkflowExecution({
      namespace,
      workflowId: 'other',
      workflowType: { name: 'wait' },
      requestId: randomUUID(),
      taskQueue: { name: 'nobody' },
    });
    await eventually('it is listed', async () => {
      const { stdout, code } = await wt(['status'], { cwd });
      return code === 1 && /nobody {2}no worker polls it, and 1 workflow waits/.test(stdout)
        ? stdout
        : undefined;
    }).then((stdout) => {
      expect(stdout).toMatch(/^jobs\/main: degraded$/m);
      expect(stdout).toContain('no worker polls task queue nobody for workflows, and 1 workflow waits there');
    });
    expect((await wt(['doctor'], { cwd })).stdout).toMatch(/workers +.*no worker polls task queue nobody/);
    await terminate('other');
  });
});

describe('workflows that run', () => {
  test('keep wt down from removing their namespace', async () => {
    await start('kept', 'refund');
    await listed('both are there', ({ running }) => running === 2);
    const { code, stdout } = await wt(['down', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'COPPICE_WORKFLOWS_RUNNING',
      message: expect.stringMatching(/^2 workflows run in .*wt-jobs--main \(2 refund\)/),
      hint: expect.stringContaining('wt down --force'),
    });
    const named = await wt(['down', 'main', '--json'], { cwd });
    expect(JSON.parse(named.stdout)).toMatchObject({
      hint: 'wt workflows --env main shows them; to lose them: wt down main --force',
    });
    await wtOk(['status'], { cwd });
  });

  test('keep wt up from removing it when the section was removed from coppice.yaml', async () => {
    edit(join(cwd, 'coppice.yaml'), 'temporal: {}\n', '');
    edit(join(cwd, 'coppice.yaml'), / {4}env:.*\n/, '');
    const { code, stderr } = await wt(['up'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('wt up --drop-temporal');
    expect(await findNamespace(temporal, namespace)).toMatchObject({ deleting: false });
    await wtOk(['up', '--drop-temporal'], { cwd });
    expect(await findNamespace(temporal, namespace)).toBeUndefined();
    repository.write('coppice.yaml', spec);
    await wtOk(['up'], { cwd });
  });

  test('are deleted by wt down --force, which reports how many', async () => {
    await start('lost');
    await listed('it is there', ({ running }) => running === 1);
    const { stdout } = await wtOk(['down', '--force'], { cwd });
    expect(stdout).toContain('temporal  wt-jobs--main: gone, with 1 running workflow');
    expect(await findNamespace(temporal, namespace)).toBeUndefined();
    await wtOk(['up'], { cwd });
  });
});

describe('an environment that no stack records', () => {
  test('keeps its namespace while workflows run in it, until --force allows deleting them', async () => {
    await start('of nobody');
    await listed('it is there', ({ running }) => running === 1);
    rmSync(join(testFolder(), 'data', 'coppice', 'state', '.pulumi', 'stacks', 'jobs', 'main.json'));
    const { code, stdout } = await wt(['down', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'COPPICE_WORKFLOWS_RUNNING',
      message: expect.stringMatching(/^1 workflow runs in .*wt-jobs--main \(1 wait\)/),
    });
    expect(await findNamespace(temporal, namespace)).toBeDefined();
    const forced = await wtOk(['down', '--force'], { cwd });
    expect(forced.stdout).toContain('temporal  wt-jobs--main: gone, with 1 running workflow');
    expect(await findNamespace(temporal, namespace)).toBeUndefined();
    await wtOk(['up'], { cwd });
  });
});

describe('a namespace that was deleted by hand', () => {
  test('is noticed by the next up, and recreated', async () => {
    await unchangedUp({ cwd });
    const before = await findNamespace(temporal, namespace);
    await temporal.operator.deleteNamespace({ namespaceId: before?.id ?? '' });
    // For some seconds the server's list still means the old one.
    const status = await eventually('wt status says that it is gone', async () => {
      const seen = await wt(['status'], { cwd });
      return /wt-jobs--main: it is gone/.test(seen.stdout) ? seen : undefined;
    });
    expect(status.code).toBe(1);
    expect(status.stdout).toContain('try: wt up, which recreates it');
    const { stdout, stderr } = await wtOk(['up'], { cwd });
    expect(stderr).toContain('the Temporal namespace wt-jobs--main is gone');
    expect(stdout).not.toContain('nothing changed');
    const after = await findNamespace(temporal, namespace);
    expect(after?.mark).toMatchObject({ app: 'jobs', environment: 'main' });
    expect(after?.id).not.toBe(before?.id);
    await unchangedUp({ cwd });
  });
});

const scale = async (replicas: number) => {
  await kubectl('-n', 'coppice', 'scale', 'deploy/temporal', `--replicas=${replicas}`);
  await kubectl('-n', 'coppice', 'rollout', 'status', 'deploy/temporal', '--timeout=300s');
};

describe('while the server does not answer', () => {
  test('an environment is removed all the same, and wt status reports in one line that it cannot be checked', async () => {
    await kubectl('-n', 'coppice', 'scale', 'deploy/temporal', '--replicas=0');
    await kubectl(
      '-n',
      'coppice',
      'wait',
      '--for=delete',
      'pod',
      '-l',
      'coppice.dev/service=temporal',
      '--timeout=300s',
    );
    const status = await wt(['status'], { cwd });
    expect(status.stdout).toMatch(/^ {2}temporal {2}wt-jobs--main: .*does not answer/m);
    expect(status.code).toBe(0);
    edit(join(cwd, 'coppice.yaml'), 'temporal: {}\n', '');
    edit(join(cwd, 'coppice.yaml'), / {4}env:.*\n/, '');
    const up = await wt(['up', '--drop-temporal', '--json'], { cwd });
    repository.write('coppice.yaml', spec);
    expect(up.code).toBe(3);
    expect(JSON.parse(up.stdout)).toMatchObject({
      code: 'COPPICE_TEMPORAL_LOST',
      hint: expect.stringContaining('when the server answers'),
    });
    const { stdout } = await wtOk(['down'], { cwd });
    expect(stdout).toMatch(/temporal {2}wt-jobs--main: left where it is, as it could not be examined \(/);
    expect(stdout).toContain('`wt doctor` shows it until then');
    expect((await wt(['status'], { cwd })).stdout).toMatch(/is not up|was removed/);
  });

  test('wt doctor shows the namespace until it is removed', async () => {
    await scale(1);
    await connect();
    expect(await findNamespace(temporal, namespace)).toBeDefined();
    // Until Kubernetes has finished deleting its namespace, the environment counts as existing.
    await kubectl('wait', '--for=delete', `namespace/${namespace}`, '--timeout=300s');
    const { code, stdout } = await wt(['doctor'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain(`Temporal namespace ${namespace}: there is no environment jobs/main`);
    const { stderr } = await wtOk(['platform', 'up'], { cwd });
    expect(stderr).toContain(`removed Temporal namespace ${namespace}`);
    expect(await findNamespace(temporal, namespace)).toBeUndefined();
    expect((await wt(['doctor'], { cwd })).stdout).not.toContain('there is no environment jobs/main');
  });
});

describe('orphans', () => {
  afterAll(async () => {
    for (const name of ['wt-jobs--gone', 'wt-jobs--not-ours']) {
      const left = await findNamespace(temporal, name);
      if (left) await deleteById(temporal, left.id);
    }
  });

  const createNamespace = async (name: string, data: Record<string, string>) => {
    await temporal.workflow.registerNamespace({
      namespace: name,
      data,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
  };

  test('from an environment that no longer exists are removed by wt doctor --fix; everything else stays', async () => {
    await wtOk(['up'], { cwd });
    const owner = { app: 'jobs', environment: 'gone', branch: 'gone', repository: cwd, worktree: '/nowhere' };
    const created = new Date().toISOString();
    await createNamespace('wt-jobs--gone', markData({ ...owner, created, attempt: randomUUID() }));
    await createNamespace('wt-jobs--not-ours', {});
    expect((await wt(['doctor'], { cwd })).stdout).toContain(
      'Temporal namespace wt-jobs--gone: there is no environment jobs/gone',
    );
    const { stdout } = await wt(['doctor', '--fix'], { cwd });
    expect(stdout).toContain('removed Temporal namespace wt-jobs--gone');
    const left = await Promise.all(
      ['wt-jobs--gone', 'wt-jobs--not-ours', namespace, 'default'].map((name) =>
        findNamespace(temporal, name),
      ),
    );
    expect(left.map((one) => one?.name)).toEqual([undefined, 'wt-jobs--not-ours', namespace, 'default']);
  });
});

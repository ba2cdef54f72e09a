import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { temporalServerVersion } from '../../platform/temporal/image.ts';
import { connectTemporal } from '../../servers/temporal/connection/connection.ts';
import { deleteNamespace } from '../../servers/temporal/namespaces/delete.ts';
import { ensureNamespace } from '../../servers/temporal/namespaces/ensure.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { startWorkflow, testRequest } from '../servers/temporal/harness.ts';
import { eventually, get, kubectl, wt, wtOk } from './harness.ts';

const host = 'temporal.localhost';
const request = testRequest('survivor');
const workflow = 'order-1';

let address: string;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up', '--with', 'temporal']);
  address = `127.0.0.1:${(await readClusterRecord())?.temporal?.port}`;
});

afterAll(async () => {
  await asked((temporal) => deleteNamespace(temporal, request));
});

async function asked<T>(question: (temporal: Temporal) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal({ address });
  try {
    return await question(temporal);
  } finally {
    temporal.close();
  }
}

const field = (jsonpath: string, ...what: string[]) =>
  kubectl('-n', 'coppice', 'get', ...what, '-o', `jsonpath={${jsonpath}}`);
const ofPod = (jsonpath: string) =>
  field(`.items[0]${jsonpath}`, 'pods', '-l', 'coppice.dev/service=temporal');

/** The server's process on this machine, found by the pod's cgroup, as other clusters may have one too. */
async function processOfServer(): Promise<number> {
  const pod = await ofPod('.metadata.uid');
  const found = readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) &&
        readFileSync(`/proc/${entry}/cgroup`, 'utf8').includes(pod) &&
        readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('start-dev')
      );
    } catch {
      return false;
    }
  });
  expect(found).toHaveLength(1);
  return Number(found[0]);
}

/** What is running, and which creation of the database file it belongs to. */
async function kept(): Promise<{ readonly cluster: string; readonly workflow: string }> {
  return asked(async (temporal) => {
    const { clusterId } = await temporal.workflow.getClusterInfo({});
    const { workflowExecutionInfo } = await temporal.workflow.describeWorkflowExecution({
      namespace: request.name,
      execution: { workflowId: workflow },
    });
    return { cluster: clusterId ?? '', workflow: workflowExecutionInfo?.execution?.runId ?? '' };
  });
}

test('it is ready when `wt platform up` ends: the frontend and, through its route, the UI', async () => {
  const { serverVersion } = await asked((temporal) => temporal.workflow.getClusterInfo({}));
  expect(serverVersion).toBe(temporalServerVersion);
  const page = await get(host);
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toContain('text/html');
  const { status, body } = await get(host, '/api/v1/namespaces/default');
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ namespaceInfo: { name: 'default' } });
});

test('a second up changes nothing, and `wt doctor` names the server and its UI', async () => {
  await eventually(
    'nothing changes',
    async () => (await wtOk(['platform', 'up'])).stdout.includes('nothing changed') || undefined,
  );
  const { stdout } = await wt(['doctor']);
  expect(stdout).toMatch(/✓ temporal +ready/);
  expect(stdout).toMatch(/✓ http:\/\/temporal\.localhost +answers 200/);
});

const order = { namespace: 'wt-evil--page', workflowExecutionRetentionPeriod: '86400s' };

test("a page from another origin can change nothing, neither through the UI nor at the pod's address", async () => {
  const { port } = (await readClusterRecord())?.http ?? {};
  const orders = [
    { url: `http://127.0.0.1:${port}/api/v1/namespaces`, headers: { host } },
    { url: `http://${await ofPod('.status.podIP')}:7243/api/v1/namespaces`, headers: {} },
  ];
  for (const { url, headers } of orders) {
    // As a form or a `no-cors` fetch may send it: without a preflight request.
    const sent = { ...headers, origin: 'http://main.shop.localhost', 'content-type': 'text/plain' };
    const status = await post(url, sent, JSON.stringify(order));
    expect([400, 403]).toContain(status);
  }
  expect((await get(host, `/api/v1/namespaces/${order.namespace}`)).status).toBe(404);
});

/** With a free choice of the host header, which `fetch` does not allow. */
function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

test('its metrics are plain Prometheus text, at a constant port in the pod network', async () => {
  const service = await field('.spec.clusterIP', 'service', 'temporal');
  const response = await fetch(`http://${service}:9233/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toMatch(/^service_requests\{.*service_name="frontend".*\} \d+/m);
});

test('a task queue has one partition, so that no task of a deleted namespace is forwarded within it for ever', async () => {
  const { workflowTaskQueuePartitions } = await asked((temporal) =>
    temporal.workflow.listTaskQueuePartitions({ namespace: 'default', taskQueue: { name: 'orders' } }),
  );
  expect(workflowTaskQueuePartitions).toHaveLength(1);
});

test('it runs as an unprivileged user, and can write only to its volume and /tmp', async () => {
  const pid = await processOfServer();
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
  expect(status).toMatch(/^CapEff:\t0{16}$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  const mounts = readFileSync(`/proc/${pid}/mounts`, 'utf8').split('\n');
  expect(mounts.find((line) => line.split(' ')[1] === '/')).toMatch(/ ro,/);
});

test('what runs in it survives SIGTERM, SIGKILL, and the end of its pod and of the cluster', async () => {
  await asked(async (temporal) => {
    await ensureNamespace(temporal, request, new AbortController().signal);
    await startWorkflow(temporal, request.name, workflow);
  });
  const before = await kept();
  const ends: Readonly<Record<string, () => Promise<unknown>>> = {
    SIGTERM: () => signalled('SIGTERM', 0),
    'the end of the pod': () =>
      kubectl('-n', 'coppice', 'delete', 'pod', '-l', 'coppice.dev/service=temporal', '--wait=true'),
    // In a new pod: Kubernetes delays a container that ends a second time.
    SIGKILL: () => signalled('SIGKILL', 137),
    'the end of the cluster': async () => {
      await wtOk(['cluster', 'stop']);
      await wtOk(['cluster', 'start']);
    },
  };
  for (const [name, end] of Object.entries(ends)) {
    await end();
    expect(await eventually(`it is back after ${name}`, kept), name).toEqual(before);
  }
  await eventually(
    'the UI answers',
    async () => (await get(host, '/api/v1/namespaces/default')).status === 200 || undefined,
  );
});

/** Resolves when the process has ended and Kubernetes reports how. */
async function signalled(signal: NodeJS.Signals, code: number): Promise<void> {
  const restarts = await ofPod('.status.containerStatuses[0].restartCount');
  process.kill(await processOfServer(), signal);
  await eventually(`${signal} ended it`, async () => {
    const now = await ofPod('.status.containerStatuses[0].restartCount');
    return now !== restarts || undefined;
  });
  expect(await ofPod('.status.containerStatuses[0].lastState.terminated.exitCode')).toBe(String(code));
}

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ownerLabel, ownerOf } from '../../cluster/drivers/k3d/names.ts';
import { asNode } from '../../core/node-platform.ts';
import { paths } from '../../core/paths.ts';
import { silent } from '../../core/progress.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { testImage } from '../driver/test-image.ts';
import { eventually, get } from '../e2e/harness.ts';
import {
  docker,
  k3d,
  kubectl,
  prepare,
  remains,
  restartEngine,
  root,
  testArchive,
  testDriver,
} from './harness.ts';
import { nodeStandIn } from './stand-in/images.ts';

const run = promisify(execFile);
const server = 'k3d-coppice-server-0';
/** Properties of a container that change when it is recreated or restarted. */
const identity = (name: string) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name);

beforeAll(prepare);
afterAll(() => testDriver().reset());

describe('without a cluster', () => {
  test('status reports that, and what to do', async () => {
    expect(await testDriver().status()).toMatchObject({
      state: 'absent',
      problem: 'there is no cluster yet: run `wt cluster start`',
    });
  });

  test('stop and reset have nothing to do', async () => {
    await testDriver().stop();
    await testDriver().reset();
    expect(await remains()).toEqual([]);
  });

  test('a root that does not exist is refused before anything is created', async () => {
    const driver = testDriver({ k3d: { roots: [join(root(), 'gone')] } });
    await expect(driver.start()).rejects.toMatchObject({ code: 'COPPICE_ROOTS' });
    expect(await remains()).toEqual([]);
    expect(existsSync(join(root(), 'gone'))).toBe(false);
  });

  test('a taken port is reported before anything is created', async () => {
    const taker = createServer().listen(8099, '127.0.0.1');
    await once(taker, 'listening');
    const driver = testDriver({ ports: { http: 8099 } });
    await expect(driver.start()).rejects.toMatchObject({
      code: 'COPPICE_PORT_TAKEN',
      message: expect.stringContaining('port 8099'),
      hint: expect.stringContaining('`ports.http`'),
    });
    expect(await remains()).toEqual([]);
    taker.close();
  });

  test('what k3d cannot create leaves nothing behind but the volume', async () => {
    // No such image, and no registry to pull it from.
    const driver = testDriver({ k3d: { image: 'coppice.local/no-such-image:1' } });
    await expect(driver.start()).rejects.toMatchObject({ code: 'COPPICE_CLUSTER_FAILED' });
    expect((await remains()).filter((name) => name !== 'coppice-databases')).toEqual([]);
    await testDriver().reset();
  });

  test('Ctrl+C during creation removes what was created', async () => {
    let press = () => {};
    const handle = (handler: () => void) => {
      press = handler;
      return () => {};
    };
    const making = testDriver({ interrupts: { handle } }).start();
    const ended = expect(making).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    await eventually('there is a container', async () =>
      (await remains()).includes(server) ? true : undefined,
    );
    press();
    await ended;
    expect((await remains()).filter((name) => name !== 'coppice-databases')).toEqual([]);
  });

  test('the next start recreates a cluster whose creation was killed before its nodes ran', async () => {
    // As k3d leaves it: containers that were created, without what it writes into them before their first start.
    const owner = ownerOf(paths().data);
    const labels = ['app=k3d', 'k3d.cluster=coppice', 'k3d.role=server', `coppice.dev/owner=${owner}`];
    const words = labels.flatMap((label) => ['--label', label]);
    await docker('create', ...words, '--name', server, nodeStandIn);
    expect((await testDriver().status()).problem).toContain('only partly created');
    await testDriver().start();
    expect(await testDriver().status()).toMatchObject({ state: 'running' });
    await testDriver().reset();
  });

  test("another user's volume in the same engine is neither used nor deleted", async () => {
    await docker('volume', 'create', '--label', 'coppice.dev/owner=ffffffffffff', 'coppice-databases');
    await expect(testDriver().start()).rejects.toMatchObject({ code: 'COPPICE_NOT_OURS' });
    await testDriver().reset();
    expect(await remains()).toEqual(['coppice-databases']);
    await docker('volume', 'rm', 'coppice-databases');
  });

  test('no verb touches a cluster of our name that is not ours', async () => {
    // k3d itself looks only at a container's labels.
    const labels = ['app=k3d', 'k3d.cluster=coppice', 'k3d.role=server'].flatMap((label) => [
      '--label',
      label,
    ]);
    await docker('create', ...labels, '--name', server, nodeStandIn);
    expect(await k3d('cluster', 'list', '--no-headers')).toContain('coppice');
    const before = await identity(server);
    for (const verb of ['start', 'stop', 'reset'] as const) {
      await expect(testDriver()[verb](), verb).rejects.toMatchObject({
        code: 'COPPICE_NOT_OURS',
        message: expect.stringContaining('not created by coppice'),
      });
    }
    expect((await testDriver().status()).problem).toContain('not touched');
    expect(await identity(server)).toBe(before);
    await docker('rm', '--volumes', server);
  });
});

describe('what is left of a deleted cluster', () => {
  const network = 'k3d-coppice';
  const makeNode = () => {
    const owner = `${ownerLabel}=${ownerOf(paths().data)}`;
    const labels = ['app=k3d', 'k3d.cluster=coppice', 'k3d.role=server', owner];
    return docker(
      'create',
      ...labels.flatMap((label) => ['--label', label]),
      ...['--name', server, nodeStandIn],
    );
  };
  const resetTelling = async () => {
    const notes: string[] = [];
    await testDriver({ progress: { ...silent, note: (text) => notes.push(text) } }).reset();
    return notes;
  };

  test('stays if k3d did not create it', async () => {
    await docker('network', 'create', network);
    await docker('volume', 'create', 'k3d-coppice-images');
    await makeNode();
    expect(await resetTelling()).toEqual([
      expect.stringContaining('the network k3d-coppice was kept: k3d did not create it'),
      expect.stringContaining('the volume k3d-coppice-images was kept'),
    ]);
    expect(await remains()).toEqual([network, 'k3d-coppice-images']);
    await docker('network', 'rm', network);
    await docker('volume', 'rm', 'k3d-coppice-images');
  });

  test("stays with a note, and no failure, if another's container uses it", async () => {
    await docker('network', 'create', '--label', 'app=k3d', network);
    const other = ['--name', 'somebody-else', '--network', network, '--entrypoint', 'sleep'];
    await docker('run', '--detach', ...other, nodeStandIn, '600');
    await makeNode();
    expect(await resetTelling()).toEqual([
      expect.stringContaining('was kept, because others use it: docker ps'),
    ]);
    await docker('rm', '--force', '--volumes', 'somebody-else');
    await makeNode();
    expect(await resetTelling()).toEqual([]);
    expect(await remains()).toEqual([]);
  });
});

describe('when Docker does not answer', () => {
  const { DOCKER_HOST, PATH } = process.env;
  afterEach(() => Object.assign(process.env, { DOCKER_HOST, PATH }));

  test('a stopped engine is distinguished from an absent one', async () => {
    process.env.DOCKER_HOST = 'unix:///nobody/listens/here.sock';
    expect((await testDriver().status()).problem).toMatch(
      /engine does not answer: Cannot connect.*systemctl/,
    );
    await expect(testDriver().start()).rejects.toMatchObject({ code: 'COPPICE_DOCKER_STOPPED' });
    process.env.PATH = '/usr/bin:/bin';
    expect((await testDriver().status()).problem).toContain('there is no command `docker`');
    await expect(testDriver().start()).rejects.toMatchObject({ code: 'COPPICE_NO_DOCKER' });
  });

  test('nothing is forgotten as long as k3d cannot report that the cluster is gone', async () => {
    mkdirSync(paths().data, { recursive: true });
    writeFileSync(paths().clusterRecord, JSON.stringify({ driver: 'k3d', uid: 'x' }));
    process.env.DOCKER_HOST = 'unix:///nobody/listens/here.sock';
    await expect(testDriver().reset()).rejects.toMatchObject({ code: 'COPPICE_DOCKER_STOPPED' });
    expect(existsSync(paths().clusterRecord)).toBe(true);
    rmSync(paths().clusterRecord);
  });
});

describe('a cluster', () => {
  let uid: string;
  beforeAll(async () => {
    ({ uid } = await testDriver().start());
  });

  test('runs, with the record and its own kubeconfig, readable by this user alone', async () => {
    const { path, context } = testDriver().kubeconfig();
    expect(await testDriver().status()).toMatchObject({ state: 'running' });
    expect(await readClusterRecord()).toMatchObject({
      driver: 'k3d',
      uid,
      ingress: 'published',
      // Dumps lie below none of the roots, and pods restore databases from them.
      roots: [root(), join(paths().data, 'dumps')],
      // The nodes of the test run on this machine.
      node: asNode(process),
    });
    expect(parse(readFileSync(path, 'utf8'))['current-context']).toBe(context);
    expect((await run('stat', ['--format', '%a', path])).stdout.trim()).toBe('600');
    expect(await kubectl('get', 'namespace', 'kube-system', '--output', 'jsonpath={.metadata.uid}')).toBe(
      uid,
    );
    // A user's own is not touched.
    expect(existsSync(join(process.env.HOME ?? '', '.kube', 'config'))).toBe(false);
  });

  test('is published on 127.0.0.1 and nowhere else', async () => {
    const listening = (await run('ss', ['--tcp', '--listening', '--numeric', '--no-header'])).stdout;
    const addresses = listening.split('\n').flatMap((line) => line.trim().split(/\s+/)[3] ?? []);
    for (const port of [80, 443, 15432, 17233, 5111]) expect(addresses).toContain(`127.0.0.1:${port}`);
    expect(addresses.filter((address) => !address.startsWith('127.'))).toEqual([]);
  });

  test('has a registry that accepts images from this machine', async () => {
    const crane = process.env.COPPICE_TEST_CRANE ?? 'crane';
    await run(crane, ['push', '--insecure', await testArchive(), '127.0.0.1:5111/test:1']);
    expect((await run(crane, ['ls', '--insecure', '127.0.0.1:5111/test'])).stdout.trim()).toBe('1');
    // The nodes see it under the same name; that k3s then pulls from it is k3s' own matter.
    const { stdout } = await run('docker', ['exec', server, 'cat', '/etc/rancher/k3s/registries.yaml']);
    expect(parse(stdout).mirrors['coppice-registry:5111'].endpoint).toEqual(['http://coppice-registry:5111']);
  });

  test('a second start changes nothing', async () => {
    const before = await identity(server);
    expect(await testDriver().start()).toMatchObject({ uid });
    expect(await identity(server)).toBe(before);
  });

  test('two simultaneous starts create one cluster', async () => {
    const [one, two] = await Promise.all([testDriver().start(), testDriver().start()]);
    expect([one.uid, two.uid]).toEqual([uid, uid]);
  });

  test('has the image that was imported', async () => {
    const images = await docker('exec', server, 'ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet');
    expect(images.split('\n')).toContain(testImage);
    await testDriver().importImages([await testArchive()]);
  });

  test('a pod sees a folder below a root live, and answers on port 80 of this machine', async () => {
    const folder = join(root(), 'live');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.html'), 'first');
    const manifest = join(root(), 'pod.yaml');
    writeFileSync(manifest, deployment(folder));
    await kubectl('apply', '--filename', manifest);
    const answers = (text: string) =>
      eventually(`the pod answers ${text}`, async () =>
        (await get('web.localhost')).body === text ? true : undefined,
      );
    await answers('first');
    writeFileSync(join(folder, 'index.html'), 'second');
    expect((await get('web.localhost')).body).toBe('second');
  });

  test('changed settings and a newer image are reported, and nothing is done about them', async () => {
    const before = await identity(server);
    const changed = testDriver({ k3d: { agents: 1 } });
    expect(await changed.status()).toMatchObject({
      state: 'running',
      problem: expect.stringContaining('other settings'),
    });
    const older = testDriver({ k3d: { image: 'coppice.local/k3s-stand-in:newer' } });
    expect((await older.status()).problem).toContain(nodeStandIn);
    expect(await older.start()).toMatchObject({ uid });
    expect(await identity(server)).toBe(before);
  });

  test('stopped and started it is the same cluster, with its contents', async () => {
    await testDriver().stop();
    expect(await testDriver().status()).toMatchObject({ state: 'stopped' });
    expect(await docker('ps', '--quiet')).toBe('');
    const taker = createServer().listen(80, '127.0.0.1');
    await once(taker, 'listening');
    await expect(testDriver().start()).rejects.toMatchObject({
      code: 'COPPICE_PORT_TAKEN',
      message: expect.stringContaining('port 80'),
    });
    await new Promise((closed) => taker.close(closed));
    expect(await testDriver().start()).toMatchObject({ uid });
    await eventually('the pod answers again', async () =>
      (await get('web.localhost')).body === 'second' ? true : undefined,
    );
  });

  test('a paused container is woken', async () => {
    await docker('pause', server);
    expect((await testDriver().status()).problem).toContain(`${server} (paused)`);
    expect(await testDriver().start()).toMatchObject({ uid });
    expect(await testDriver().status()).toMatchObject({ state: 'running' });
  });

  test('after a restart of Docker it is there again, with its contents', async () => {
    await restartEngine();
    expect(await testDriver().start()).toMatchObject({ uid });
    expect(await testDriver().status()).toMatchObject({ state: 'running' });
    await eventually('the pod answers again', async () =>
      (await get('web.localhost')).body === 'second' ? true : undefined,
    );
  });

  test('an API that stays silent is restarted with its containers', async () => {
    const stopped = 'grep -q "^State:.T" /proc/$(pidof kube-apiserver)/status';
    await docker(
      'exec',
      server,
      'sh',
      '-c',
      `kill -STOP $(pidof kube-apiserver); until ${stopped}; do :; done`,
    );
    expect((await testDriver().status()).problem).toContain('its API does not answer');
    expect(await testDriver().start()).toMatchObject({ uid });
    expect(await testDriver().status()).toMatchObject({ state: 'running' });
  });

  test('a deleted node is noticed, and the cluster recreated with its earlier databases', async () => {
    await docker('exec', server, 'sh', '-c', 'echo kept > /var/lib/coppice/volumes/kept');
    await docker('rm', '--force', '--volumes', server);
    expect(await testDriver().status()).toMatchObject({
      state: 'degraded',
      problem: expect.stringContaining('missing'),
    });
    const made = await testDriver().start();
    expect(made.uid).not.toBe(uid);
    expect(await docker('exec', server, 'cat', '/var/lib/coppice/volumes/kept')).toBe('kept');
  });

  test('recreated it has the current settings, and its earlier databases', async () => {
    const [before] = (await docker('inspect', '--format', '{{.Id}}', server)).split('\n');
    const asked = { ports: { http: 8123 } };
    expect((await testDriver(asked).status()).problem).toContain('--recreate');
    const made = await testDriver(asked).start({ recreate: true });
    expect(made.http).toEqual({ port: 8123 });
    expect(await docker('inspect', '--format', '{{.Id}}', server)).not.toBe(before);
    expect(await docker('exec', server, 'cat', '/var/lib/coppice/volumes/kept')).toBe('kept');
  });

  test('a cluster in another Docker engine is neither started, stopped nor deleted from this one', async () => {
    const record = await readClusterRecord();
    const before = await identity(server);
    writeFileSync(paths().clusterRecord, JSON.stringify({ ...record, engine: 'OTHER' }));
    for (const verb of ['start', 'stop', 'reset'] as const)
      await expect(testDriver()[verb](), verb).rejects.toMatchObject({ code: 'COPPICE_OTHER_ENGINE' });
    expect(await identity(server)).toBe(before);
    writeFileSync(paths().clusterRecord, JSON.stringify(record));
  });

  test('a reset leaves nothing of it, neither containers nor data nor files', async () => {
    await testDriver().reset();
    expect(await remains()).toEqual([]);
    expect(await k3d('cluster', 'list', '--no-headers')).toBe('');
    for (const file of [paths().clusterRecord, testDriver().kubeconfig().path])
      expect(existsSync(file), file).toBe(false);
  });
});

/** busybox serves a local folder on the routes' node port. */
function deployment(folder: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${testImage}
          command: [/busybox, httpd, -f, -p, '8000', -h, /live]
          volumeMounts: [{ name: live, mountPath: /live }]
      volumes: [{ name: live, hostPath: { path: ${folder}, type: Directory } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8000, nodePort: 30080 }]
`;
}

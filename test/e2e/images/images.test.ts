import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import type { ClusterRecord } from '../../../core/state/cluster-record.ts';
import { temporalServerVersion } from '../../../platform/temporal/image.ts';
import { eventually, kubectl, startKubectl, testFolder, wtOk } from '../harness.ts';

const namespace = 'images-test';
let images: ClusterRecord['images'];
let folder: string;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  const record = readFileSync(join(testFolder(), 'data', 'coppice', 'cluster.json'), 'utf8');
  images = (JSON.parse(record) as ClusterRecord).images;
  folder = mkdtempSync(join(testFolder(), 'images-'));
  chmodSync(folder, 0o755);
  await kubectl('create', 'namespace', namespace);
  await eventually('the service account of the namespace', async () => {
    return (await kubectl('-n', namespace, 'get', 'serviceaccounts', '-o', 'name')) || undefined;
  });
});

afterAll(async () => {
  await kubectl('delete', 'namespace', namespace, '--wait=true');
  rmSync(folder, { recursive: true });
});

interface PodOptions {
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** uid and gid. */
  readonly user?: number;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly grace?: number;
}

/** A pod as an environment has it: no privileges, the sandbox's process first, this folder at /app. */
async function createPod(
  name: string,
  { image, command, args, user = 1000, grace }: PodOptions,
): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      ...(grace && { terminationGracePeriodSeconds: grace }),
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      shareProcessNamespace: true,
      securityContext: { runAsUser: user, runAsGroup: user },
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'IfNotPresent',
          ...(command && { command }),
          ...(args && { args }),
          env: [{ name: 'HOME', value: '/tmp' }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'app', mountPath: '/app' }],
        },
      ],
      volumes: [{ name: 'app', hostPath: { path: folder, type: 'Directory' } }],
    },
  };
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(pod));
  await kubectl('apply', '-f', file);
}

const logs = (name: string) => kubectl('-n', namespace, 'logs', name);

/** What a pod's command printed, once it has succeeded. */
async function outputOf(name: string, options: PodOptions): Promise<string> {
  await createPod(name, options);
  await eventually(`${name} ended`, async () => {
    const phase = await kubectl('-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.phase}');
    if (phase === 'Failed') throw new Error(await logs(name));
    return phase === 'Succeeded' || undefined;
  });
  return logs(name);
}

const running = (name: string) =>
  kubectl('-n', namespace, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=300s');

const image = (name: string) => images[name] ?? `no ${name} in the record`;

test('without a registry every image of the catalogue is assembled and on the node', async () => {
  const known = await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.images[*].names[*]}');
  // A file that ran before may have joined more parts.
  expect(Object.keys(images)).toEqual(
    expect.arrayContaining(['node', 'pause', 'postgres', 'temporal', 'traefik']),
  );
  for (const [name, reference] of Object.entries(images)) {
    expect(reference).toMatch(new RegExp(`^coppice\\.local/${name}:[\\w.]+-[0-9a-f]{8}$`));
    expect(known.split(' ')).toContain(reference);
  }
});

/** One line each, so that a failure shows which. */
const whatAppsUse = `
set -e
echo "user $(id -u):$(id -g)"
node --version
npm --version
printf '#!/usr/bin/env node\\nconsole.log("script of " + require("node:os").homedir());\\n' > /tmp/script
chmod +x /tmp/script
/tmp/script
node -e 'require("node:dns").lookup("kubernetes.default.svc", (error, address) => console.log(error ?? "name " + address))'
npm exec --offline -c 'echo npm runs $0'
ls -l /usr/local/lib/node_modules/npm/package.json > /dev/null
`;

test.each([1000, 4242])('node, npm, sh, scripts and names work as user %i', async (user) => {
  const output = await outputOf(`tools-${user}`, {
    image: image('node'),
    command: ['sh', '-c', whatAppsUse],
    user,
  });
  const lines = output.trim().split('\n');
  expect(lines).toEqual([
    `user ${user}:${user}`,
    process.version,
    expect.stringMatching(/^\d+\.\d+\.\d+$/),
    'script of /tmp',
    expect.stringMatching(/^name \d+\.\d+\.\d+\.\d+$/),
    'npm runs sh',
  ]);
});

test('node has the same version and the same libraries as on this machine', async () => {
  const expression = 'JSON.stringify(process.versions)';
  const output = await outputOf('versions', { image: image('node'), command: ['node', '-p', expression] });
  expect(JSON.parse(output)).toEqual({ ...process.versions });
});

/** Written in Rust, built elsewhere for glibc: what `npm ci` installs for the example's worker. */
const addon = join(
  ...[packageRoot(), 'examples', 'shop', 'node_modules', '@temporalio', 'core-bridge', 'releases'],
  ...[`${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-unknown-linux-gnu`, 'index.node'],
);

test('a native addon from a registry finds its libraries', async () => {
  copyFileSync(addon, join(folder, 'addon.node'));
  const load = "process.dlopen(module, '/app/addon.node'); console.log(typeof module.exports.newRuntime)";
  const output = await outputOf('addon', { image: image('node'), command: ['node', '-e', load] });
  expect(output.trim()).toBe('function');
});

test('node --watch sees an edit of a file that is mounted', async () => {
  const file = join(folder, 'watched.js');
  writeFileSync(file, "console.log('before'); setInterval(() => {}, 1000);");
  await createPod('watch', { image: image('node'), command: ['node', '--watch', '/app/watched.js'] });
  await eventually('the first run', async () => (await logs('watch')).includes('before') || undefined);
  writeFileSync(file, "console.log('after'); setInterval(() => {}, 1000);");
  await eventually('the edit', async () => (await logs('watch')).includes('after') || undefined);
});

const leaveOrphans = `
const { spawn } = require('node:child_process');
process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0); });
for (let index = 0; index < 5; index++) spawn('sh', ['-c', 'sleep 0.3 & echo orphan $!'], { stdio: 'inherit' });
setInterval(() => {}, 1000);
`;

/** Waits for all five, and so until its process has begun to listen for signals. */
const orphansOf = (name: string) =>
  eventually('five orphans', async () => {
    const found = [...(await logs(name)).matchAll(/^orphan (\d+)$/gm)].map(([, pid]) => pid);
    return found.length === 5 ? found : undefined;
  });

test('the sandbox reaps the processes that others leave behind', async () => {
  await createPod('orphans', { image: image('node'), command: ['node', '-e', leaveOrphans] });
  const orphans = await orphansOf('orphans');
  // A process that no parent waits for stays in /proc as a zombie.
  await eventually('none of them is left', async () => {
    const left = (await kubectl('-n', namespace, 'exec', 'orphans', '--', 'ls', '/proc')).split(/\s+/);
    return orphans.some((pid) => left.includes(String(pid))) ? undefined : true;
  });
});

test('SIGTERM reaches a node process, and its pod ends long before its grace period', async () => {
  // It would be killed after an hour.
  await createPod('polite', { image: image('node'), command: ['node', '-e', leaveOrphans], grace: 3_600 });
  await orphansOf('polite');
  const following = startKubectl('-n', namespace, 'logs', 'polite', '--follow');
  await following.seen(/orphan/);
  await kubectl('-n', namespace, 'delete', 'pod', 'polite', '--wait=true');
  expect((await following.ended).stdout).toContain('asked to end');
});

test('traefik takes the same options as the official image, and routes by a file', async () => {
  writeFileSync(
    join(folder, 'routes.yaml'),
    'http: { routers: { all: { rule: "PathPrefix(`/`)", service: "ping@internal", entryPoints: [web] } } }\n',
  );
  await createPod('traefik', {
    image: image('traefik'),
    args: ['--entryPoints.web.address=:8000', '--providers.file.filename=/app/routes.yaml', '--ping'],
  });
  await running('traefik');
  const address = await kubectl('-n', namespace, 'get', 'pod', 'traefik', '-o', 'jsonpath={.status.podIP}');
  await eventually('the route', async () => {
    const response = await fetch(`http://${address}:8000/anything`);
    return (response.status === 200 && (await response.text()) === 'OK') || undefined;
  });
  const version = await outputOf('traefik-version', { image: image('traefik'), args: ['version'] });
  expect(version).toContain(images.traefik?.split(':')[1]?.split('-')[0]);
});

test('the temporal image runs the program, which needs nothing else from it', async () => {
  const version = await outputOf('temporal-version', { image: image('temporal'), args: ['--version'] });
  expect(version).toContain(`temporal version ${images.temporal?.split(':')[1]?.split('-')[0]} `);
  expect(version).toContain(`Server ${temporalServerVersion},`);
});

import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isOfCluster } from '../../app/clusters/forget.ts';
import { readyPlanOf } from '../../app/clusters/readiness.ts';
import { readReplaced } from '../../app/clusters/replaced.ts';
import { completeSwitch, readAside, switchState } from '../../app/clusters/set-aside.ts';
import { digest, requireAllowed } from '../../app/consent/allowed-commands.ts';
import { databaseOf } from '../../app/databases/kept-database.ts';
import { readRun } from '../../app/engine/run-record.ts';
import { allStacks, projectsWithStack, readStack } from '../../app/engine/stack-state.ts';
import { readRecord } from '../../app/environments/record.ts';
import { runSetup } from '../../app/environments/setup.ts';
import { dumpPath, readJournal } from '../../app/migration/journal.ts';
import { sweepOnce } from '../../app/platform/after-restart.ts';
import { keptNamespace, temporalOf } from '../../app/workflows/resource.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import { paths } from '../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../core/state/cluster-record.ts';
import { digests } from '../../core/state/digests.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { readCache } from '../../core/state/state-file.ts';
import { thisMachine } from '../../toolchain/machine.ts';
import { recordedChecksum } from '../../toolchain/release/checksum.ts';
import { testPorts } from './app/ports.ts';

const fixture = fileURLToPath(new URL('../fixtures/0.1.0', import.meta.url));
const embeddedUid = '6f0c0a4e-0000-4000-8000-000000000000';
const k3dUid = 'ed310be2-0000-4000-8000-000000000000';
const worktree = '/home/user/src/shop-feat-login';
const repository = '/home/user/src/shop/.git';
const environment = { project: 'shop', stack: 'feat-login' };
const platform = { project: 'coppice', stack: 'platform' };

let home: string;
/** Readers may complete what was interrupted, so each test has its own copy. */
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice-earlier-state-'));
  cpSync(fixture, home, { recursive: true });
  vi.stubEnv('XDG_CONFIG_HOME', join(home, 'config'));
  vi.stubEnv('XDG_DATA_HOME', join(home, 'share'));
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const images = {
  node: 'docker.io/library/node:20.20.2-bookworm-slim',
  traefik: 'docker.io/library/traefik:v3.7.15',
  postgres: 'docker.io/library/postgres:18',
  temporal: 'docker.io/temporalio/temporal:1.9.1',
  pause: 'registry.k8s.io/pause:3.10.1',
};
const common = { node: { operatingSystem: 'linux', architecture: 'amd64' }, http: { port: 80 }, images };
const embedded: ClusterRecord = {
  ...common,
  driver: 'embedded',
  kubeconfig: '/home/user/.local/share/coppice/kubeconfig',
  context: 'coppice',
  uid: embeddedUid,
  postgres: { port: 15432 },
  temporal: { port: 17233 },
  ingress: 'host-loopback',
  mountPath: '/',
  databaseVolume: {
    kind: 'host-path',
    path: '/var/lib/coppice/databases/server',
    fileSystem: 'loop',
    reflink: true,
  },
  temporalVolume: { kind: 'host-path', path: '/var/lib/coppice/databases/temporal' },
};
const k3d: ClusterRecord = {
  ...common,
  driver: 'k3d',
  kubeconfig: '/home/user/.local/share/coppice/k3d-coppice.kubeconfig',
  context: 'k3d-coppice',
  uid: k3dUid,
  postgres: { port: 15432 },
  temporal: { port: 17233 },
  ingress: 'published',
  mountPath: '/',
  roots: ['/home/user'],
  engine: 'FFCL:ZHV7:DGZ7:A2LT',
  databaseVolume: { kind: 'node-folder', path: '/var/lib/coppice/volumes/databases' },
  temporalVolume: { kind: 'node-folder', path: '/var/lib/coppice/volumes/temporal' },
};
const existing: ClusterRecord = {
  ...common,
  driver: 'existing',
  kubeconfig: '/home/user/.kube/config',
  context: 'team',
  uid: '0a1b2c3d-0000-4000-8000-000000000000',
  ingress: 'load-balancer',
  databaseVolume: { kind: 'claim', size: '20Gi' },
  temporalVolume: { kind: 'claim', size: '5Gi', storageClass: 'fast' },
  images: { ...images, node: 'registry.example.com/node:20' },
};

describe('the record of a cluster is read as it was written', () => {
  test('for the cluster in use', async () => {
    expect(await readClusterRecord()).toEqual(embedded);
  });

  test('for those set aside, with their stacks', async () => {
    const aside = await readAside('k3d');
    expect(aside?.record).toEqual(k3d);
    expect(aside?.stacks).toMatchObject([{ ...platform, state: { pending: [] } }]);
    expect(aside?.stacks.every(({ state }) => isOfCluster(state.resources))).toBe(true);
    expect((await readAside('existing'))?.record).toEqual(existing);
  });

  test('for a replaced one', async () => {
    expect(await readReplaced()).toEqual({ record: k3d, reset: true });
  });
});

test('an interrupted switch of clusters is completed, and switching back restores the other cluster', async () => {
  await completeSwitch();
  expect(existsSync(join(paths().data, 'clusters', 'switch.json'))).toBe(false);
  expect(await readClusterRecord()).toEqual(embedded);
  await switchState('embedded', 'k3d');
  expect(await readClusterRecord()).toEqual(k3d);
  expect(await readPlatformParts()).toEqual({ postgres: true });
  expect(await allStacks()).toEqual([platform]);
  expect((await readAside('embedded'))?.stacks).toMatchObject([platform, environment]);
  expect(existsSync(join(paths().environments, 'shop', 'feat-login.setup.json'))).toBe(true);
});

test('the parts of the platform are read', async () => {
  expect(await readPlatformParts()).toEqual({ postgres: true, temporal: true });
});

test('a server that was swept since it started is not swept again', async () => {
  const sweep = vi.fn();
  await sweepOnce('postgres', '2026-11-29T17:58:00Z', sweep);
  await sweepOnce('temporal', '2026-11-29T17:58:01Z', sweep);
  expect(sweep).not.toHaveBeenCalled();
});

describe('an environment', () => {
  test('has the record from its last `up`', async () => {
    expect(await readRecord('shop', 'feat-login')).toMatchObject({
      contentHash: 'd'.repeat(64),
      app: 'shop',
      slug: 'feat-login',
      branch: 'feat/login',
      worktree,
      commit: '0123456789abcdef0123456789abcdef01234567',
      ownProgram: false,
      watched: {
        patterns: ['migrations/*.sql'],
        files: expect.arrayContaining(['package.json', 'package-lock.json', 'seed.sql']),
      },
      ready: {
        kubeconfig: embedded.kubeconfig,
        context: 'coppice',
        namespace: 'wt-shop--feat-login',
        generation: '561d87c08fd995ad',
        headers: { 'X-Coppice-Environment': 'shop/feat-login; id=3f2a9c1b' },
        http: { address: '127.0.0.1', port: 80 },
        services: [
          { name: 'web', replicas: 1, configHash: '0cb70d51871060bf', timeoutSeconds: 120 },
          { name: 'api', replicas: 1, configHash: '682a958ea0ff8844', timeoutSeconds: 120 },
          { name: 'worker', replicas: 1, configHash: 'da612bc7f5f56b01', timeoutSeconds: 120 },
        ],
        routes: [
          { service: 'web', host: 'feat-login.shop.localhost', path: '/healthz' },
          { service: 'api', host: 'api.feat-login.shop.localhost', path: '/' },
        ],
      },
      temporal: { name: 'wt-shop--feat-login', id: '2c9d7f10-0000-4000-8000-000000000000', httpPort: 80 },
      urls: [
        { service: 'web', url: 'http://feat-login.shop.localhost/' },
        { service: 'api', url: 'http://api.feat-login.shop.localhost/' },
      ],
      upAt: '2026-11-29T18:00:00.000Z',
    });
  });

  test('has the run that was in progress', async () => {
    expect(await readRun(environment)).toEqual({
      pid: 4711,
      engine: 4712,
      verb: 'up',
      since: '2026-11-29T18:00:00.000Z',
    });
  });

  test('does not run its setup again', async () => {
    const ask = vi.fn();
    const identity = { repository, worktree, uid: 1000, gid: 1000 };
    const setup = { app: 'shop', slug: 'feat-login', identity, folder: worktree, commands: ['npm ci'] };
    await runSetup(setup, { yes: false, again: false }, testPorts({ ask }));
    expect(ask).not.toHaveBeenCalled();
  });
});

test('commands that were allowed need no second answer', async () => {
  const ask = vi.fn(async () => false);
  const asked = (commands: string[]) =>
    requireAllowed(
      {
        commands,
        text: digest(repository, ...commands),
        refusal: { code: 'COPPICE_SETUP_NOT_ALLOWED', message: 'not allowed', again: 'wt up --yes' },
      },
      false,
      testPorts({ ask }),
    );
  await asked(['npm ci']);
  expect(ask).not.toHaveBeenCalled();
  await expect(asked(['npm ci --force'])).rejects.toThrow('not allowed');
});

test('a migration can continue from its journal', async () => {
  expect(await readJournal()).toEqual({
    from: 'k3d',
    to: 'embedded',
    phase: 'filling',
    environments: [
      {
        app: 'shop',
        slug: 'feat-login',
        namespace: 'wt-shop--feat-login',
        branch: 'feat/login',
        specFolder: worktree,
        stopped: false,
        managed: false,
      },
      {
        app: 'shop',
        slug: 'demo',
        namespace: 'wt-shop--demo',
        branch: 'main',
        as: 'demo',
        stopped: true,
        managed: true,
      },
    ],
    databases: [
      {
        name: 'wt_shop__feat_login',
        mark: {
          coppice: 1,
          kind: 'clone',
          template: 'tpl_shop__0123456789abcdef',
          migrations: [{ path: 'migrations/001_orders.sql', sha256: 'a'.repeat(64) }],
          extensions: ['pgcrypto'],
          strategy: 'clone',
          milliseconds: 84,
          createdAt: '2026-11-28T09:30:00.000Z',
          origin: { kind: 'template' },
          app: 'shop',
          environment: 'feat-login',
          repository,
          branch: 'feat/login',
          worktree,
        },
        extensions: [{ name: 'pgcrypto', schema: 'public' }],
        contents: [
          { schema: 'public', name: 'orders', kind: 'table', rows: 2, checksum: '8241956325098213' },
          { schema: 'public', name: 'orders_id_seq', kind: 'sequence', rows: 2, checksum: 'true' },
        ],
        bytes: 8_192_000,
        file: '/home/user/.local/share/coppice/migrate/2026-11-29T18-00-00/wt_shop__feat_login.dump',
        restored: false,
      },
    ],
  });
  expect(dumpPath('2026-11-29T18-00-00', 'wt_shop__feat_login')).toBe(
    join(paths().data, 'migrate', '2026-11-29T18-00-00', 'wt_shop__feat_login.dump'),
  );
});

describe("Pulumi's state", () => {
  test('is found, and is known to belong to the cluster', async () => {
    expect(await allStacks()).toEqual([platform, environment]);
    expect(await projectsWithStack('feat-login')).toEqual(['shop']);
    for (const stack of [platform, environment])
      expect(isOfCluster((await readStack(stack))?.resources ?? [])).toBe(true);
  });

  test('shows what a killed run left half-done', async () => {
    expect((await readStack(environment))?.pending).toEqual(['updating']);
    expect((await readStack(platform))?.pending).toEqual([]);
  });

  test('has the names and types of resources that are still in use', async () => {
    const parent = 'urn:pulumi:feat-login::shop::coppice:infra:Environment';
    const urns = (await readStack(environment))?.resources.map(({ urn }) => urn);
    expect(urns).toEqual(
      expect.arrayContaining([
        `${parent}::feat-login`,
        `${parent}$coppice:index:Environment::claim`,
        `${parent}$coppice:index:Database::database`,
        `${parent}$coppice:index:TemporalNamespace::temporal`,
        `${parent}$coppice:index:Ready::ready`,
      ]),
    );
  });

  test('has what an environment waits for, its database and its Temporal namespace', async () => {
    const state = await readStack(environment);
    expect(await readyPlanOf(environment)).toEqual((await readRecord('shop', 'feat-login'))?.ready);
    expect(databaseOf(state)).toMatchObject({
      cluster: embeddedUid,
      server: { kind: 'platform', port: 15432 },
      app: 'shop',
      environment: 'feat-login',
      database: { name: 'wt_shop__feat_login', owner: 'shop_owner', server: 'platform' },
    });
    const temporal = temporalOf(state);
    expect(temporal).toMatchObject({ temporal: { namespace: 'wt-shop--feat-login' }, cluster: embeddedUid });
    expect(keptNamespace(temporal, embedded)).toEqual((await readRecord('shop', 'feat-login'))?.temporal);
  });

  test('has what the platform waits for, according to its own record', async () => {
    const ready = await readyPlanOf(platform);
    expect(ready?.services.map(({ name }) => name)).toEqual(['traefik', 'postgres', 'temporal']);
    const record = await readCache<{ ready: unknown }>(join(paths().data, 'platform.json'), {
      ready: 'object',
    });
    expect(record?.ready).toEqual(ready);
  });
});

test('digests of downloads and of big files are reused', async () => {
  const machine = thisMachine();
  expect(await recordedChecksum(machine, 'https://dl.k8s.io/release/v1.34.10/bin/linux/amd64/kubectl')).toBe(
    'e'.repeat(64),
  );
  expect(await digests.read('shop-dump')).toBe('f'.repeat(64));
});

test('settings with every key mean what they meant', async () => {
  expect(await loadSettings(paths().settings)).toEqual({
    driver: 'k3d',
    embedded: {
      dataFolder: '/srv/coppice',
      runFolder: '/run/coppice-user',
      bridge: 'wt0',
      podCidr: '10.113.0.0/16',
      serviceCidr: '10.114.0.0/16',
      apiPort: 7443,
      databaseGiB: 128,
    },
    k3d: {
      name: 'house',
      servers: 3,
      agents: 2,
      roots: ['/home/user/src', '/srv/work'],
      registryPort: 5222,
      image: 'docker.io/rancher/k3s:v1.34.10-k3s1',
      loadBalancer: false,
    },
    existing: {
      context: 'team',
      kubeconfig: '/home/user/.kube/team',
      mountPath: '/host',
      ingress: 'node-port',
      images: { node: 'registry.example.com/node:20' },
      databaseVolume: { hostPath: '/srv/databases' },
      temporalVolume: { size: '10Gi', storageClass: 'fast' },
      collectorVolume: { size: '2Gi' },
      logsVolume: { size: '8Gi' },
      metricsVolume: { size: '4Gi' },
      tracesVolume: { size: '4Gi' },
    },
    // Not in the file: what it was without the key.
    worktrees: { hookMinutes: 60 },
    picker: 'built-in',
    agents: {},
    gateway: { trustForwardedHeaders: false },
    hostPorts: { base: 20_000, size: 20, last: 29_999 },
    ports: { http: 8080, https: 8443, postgres: 25432, temporal: 27233 },
    databases: {
      managed: {
        url: { env: 'DATABASE_ADMIN_URL' },
        cluster: { host: 'db.internal', port: 6432 },
        resources: 'postgresql',
      },
    },
    temporal: {
      managed: {
        address: 'user.a1b2c.tmprl.cloud:7233',
        cluster: 'temporal.internal:7233',
        tls: {
          serverName: 'temporal.example.com',
          ca: '/home/user/tls/ca.pem',
          cert: '/home/user/tls/cert.pem',
          key: '/home/user/tls/key.pem',
        },
        apiKey: { file: '/home/user/temporal.key' },
        namespaces: 'existing',
        namespace: '{app}-{slug}.a1b2c',
      },
    },
  });
});

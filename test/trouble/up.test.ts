import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths } from '../../core/paths.ts';
import {
  eventually,
  get,
  killWithDescendants,
  kubectl,
  Repository,
  startWt,
  wt,
  wtOk,
} from '../e2e/harness.ts';
import { randomShares, repetitions } from '../series.ts';

let repository: Repository;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up']);
  repository = new Repository();
});

afterAll(() => repository.remove());

const small = (command: string, image = 'runtime: node') => `version: 1
name: shop
services:
  web:
    ${image}
    command: ${command}
    port: 3000
`;
const answering = `node -e "require('http').createServer((q, r) => r.end('here')).listen(3000)"`;

/** No pod or URL of the environment answers, and its namespace disappears soon after. */
async function expectNothingLeft(slug: string): Promise<void> {
  const label = `coppice.dev/environment=${slug}`;
  expect(await kubectl('get', 'pods,httproutes', '-A', '-l', label, '-o', 'name')).toBe('');
  await eventually(`the namespace of ${slug} is gone`, async () => {
    const left = await kubectl('get', 'namespaces,deployments,services', '-A', '-l', label, '-o', 'name');
    return left === '' || undefined;
  });
}

describe('branch names', () => {
  test.each([
    ['team/FIB-123-New', 'team-fib-123-new'],
    ['fünf/größe', 'f-nf-gr-e'],
    [`long/${'x'.repeat(195)}`, /^long-x{24}-[0-9a-f]{8}$/],
  ])('%s becomes a separate environment', async (branch, slug) => {
    const own = new Repository({ branch, spec: small(answering) });
    try {
      const up = JSON.parse((await wtOk(['up', '--json'], { cwd: own.top })).stdout);
      expect(up.slug).toMatch(slug);
      expect((await get(`${up.slug}.shop.localhost`)).body).toBe('here');
    } finally {
      await wtOk(['down'], { cwd: own.top });
      own.remove();
    }
  });

  test('two with one slug: the second is refused with both names and a solution, which works', async () => {
    repository.write('coppice.yaml', small(answering));
    repository.commit('Small');
    const first = repository.worktree('feat/a');
    const second = repository.worktree('feat-a', 'second');
    await wtOk(['up'], { cwd: first });
    const refused = await wt(['up'], { cwd: second });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('feat/a');
    expect(refused.stderr).toContain('feat-a');
    expect(refused.stderr).toContain('--as');
    expect((await get('feat-a.shop.localhost')).status).toBe(200);
    await wtOk(['up', '--as', 'other-a'], { cwd: second });
    expect((await get('other-a.shop.localhost')).status).toBe(200);
    await wtOk(['down', '--as', 'other-a'], { cwd: second });
    await wtOk(['down'], { cwd: first });
  });
});

describe('specs', () => {
  test('ten mistakes are reported at once, each with its place', async () => {
    const own = new Repository({ spec: tenMistakes });
    const { code, stderr } = await wt(['up'], { cwd: own.top });
    own.remove();
    expect(code).toBe(1);
    expect(stderr.match(/coppice\.yaml:\d+:\d+/g)?.length).toBeGreaterThanOrEqual(10);
    expect(stderr).toContain('did you mean');
  });
});

describe('services that do not come up', () => {
  test('a command that exits at once fails up with service, reason and last lines, and is repaired by the next up', async () => {
    const worktree = new Repository({ branch: 'crash', spec: small('echo last words; exit 3') });
    const { code, stderr, stdout } = await wt(['up'], { cwd: worktree.top });
    expect(code).toBe(1);
    for (const part of ['web', 'exit code 3', 'last words']) expect(stderr + stdout).toContain(part);
    // Between two ends its process runs for a moment.
    await eventually('status says why', async () => {
      const status = await wt(['status'], { cwd: worktree.top });
      return (status.code === 1 && status.stdout.includes('exit code 3')) || undefined;
    });
    worktree.write('coppice.yaml', small(answering));
    await wtOk(['up'], { cwd: worktree.top });
    expect((await get('crash.shop.localhost')).body).toBe('here');
    await wtOk(['down'], { cwd: worktree.top });
    worktree.remove();
  });

  test('an image that does not exist fails up with the image and the reason', async () => {
    const own = new Repository({
      branch: 'noimage',
      spec: small('sleep 1', 'image: localhost:1/nobody/nothing:1.0'),
    });
    const { code, stderr, stdout } = await wt(['up'], { cwd: own.top });
    expect(code).toBe(1);
    expect(stderr + stdout).toContain('localhost:1/nobody/nothing:1.0');
    await wtOk(['down'], { cwd: own.top });
    await expectNothingLeft('noimage');
    own.remove();
  });
});

/** An `up` waits for it until the file `go` is in its folder, so that it cannot end before a test acts. */
const held = small(`while [ ! -e go ]; do sleep 0.1; done; exec ${answering}`);

/** What an `up` has printed when it is killed. */
const phases = [
  ['when its engine starts', 'with its engine', [/^shop\/\S+ \.\.\.$/m]],
  ['after its Deployment', 'alone', [/deployment web: created/]],
  ['while it waits for its pods', 'with its engine', [/deployment web: c/, /service web: c/, /route web: c/]],
  ['after its namespace', 'alone', [/namespace \S+: created/]],
  ['after its quota', 'with its engine', [/quota: created/]],
] as const;

describe('interrupted and simultaneous runs', () => {
  test('two up of one branch at once both succeed, and there is one environment', async () => {
    const own = new Repository({ branch: 'twice', spec: small(answering) });
    const results = await Promise.all([wt(['up'], { cwd: own.top }), wt(['up'], { cwd: own.top })]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect((await get('twice.shop.localhost')).body).toBe('here');
    await wtOk(['down'], { cwd: own.top });
    own.remove();
  });

  test.each(phases.slice(0, repetitions({ test: 3, soak: 5 })))(
    'killed with -9 %s, %s, up converges and down leaves nothing',
    async (when, how, lines) => {
      const slug = `killed-${when.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`;
      const own = new Repository({ branch: slug, spec: held });
      const up = startWt(['up'], { cwd: own.top });
      for (const line of lines) await up.seen(line);
      if (how === 'alone') up.kill('SIGKILL');
      else killWithDescendants(up.pid);
      expect((await up.ended).signal).toBe('SIGKILL');
      own.write('go', '');
      await wtOk(['up'], { cwd: own.top });
      expect((await get(`${slug}.shop.localhost`)).body).toBe('here');
      await wtOk(['down'], { cwd: own.top });
      await expectNothingLeft(slug);
      own.remove();
    },
  );

  test('Ctrl+C finishes the current step, reports that, and the next up converges', async () => {
    const own = new Repository({ branch: 'interrupted', spec: small(answering) });
    const up = startWt(['up'], { cwd: own.top });
    await up.seen(/namespace/i);
    process.kill(up.pid, 'SIGINT');
    const ended = await up.ended;
    expect(ended.code).not.toBe(0);
    expect(ended.stderr + ended.stdout).toMatch(/finish/i);
    await wtOk(['up'], { cwd: own.top });
    await wtOk(['down'], { cwd: own.top });
    own.remove();
  });
});

describe('killed at a write of its state or records', () => {
  /** Counts writes below the folders of state and records; kills the command and all that it started at one of them. */
  async function killedAtWrite(
    args: readonly string[],
    cwd: string,
    share?: number,
    whole = 0,
  ): Promise<number> {
    let writes = 0;
    const command = startWt(args, { cwd });
    const watchers = [paths().pulumiState, paths().environments].map((folder) =>
      watch(folder, { recursive: true }, () => {
        writes += 1;
        if (share !== undefined && writes === Math.max(1, Math.round(share * whole)))
          killWithDescendants(command.pid);
      }),
    );
    const { code, signal, stderr } = await command.ended;
    for (const watcher of watchers) watcher.close();
    // It may have ended before that many writes.
    if (signal !== 'SIGKILL') expect(code, stderr).toBe(0);
    return writes;
  }

  test('the next up is up, the next down leaves nothing, and neither leaves a file', async () => {
    const own = new Repository({ branch: 'writes', spec: small(answering) });
    const cwd = own.top;
    const soaked = repetitions({ test: 0, soak: 60 });
    const shares = soaked > 0 ? randomShares(soaked) : [0.5];
    const whole = { up: await killedAtWrite(['up'], cwd), stop: 0, down: 0 };
    if (soaked > 0) whole.stop = await killedAtWrite(['stop'], cwd);
    whole.down = await killedAtWrite(['down'], cwd);
    for (const share of shares) {
      await killedAtWrite(['up'], cwd, share, whole.up);
      await wtOk(['up'], { cwd });
      expect((await get('writes.shop.localhost')).body).toBe('here');
      if (whole.stop > 0) await killedAtWrite(['stop'], cwd, share, whole.stop);
      await killedAtWrite(['down'], cwd, share, whole.down);
      await wtOk(['down'], { cwd });
      await expectNothingLeft('writes');
      expect(filesOf('writes')).toEqual([]);
    }
    own.remove();
  });
});

/** Paths of all files of state and records that name an environment. */
function filesOf(slug: string): string[] {
  return [paths().pulumiState, paths().environments]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((found) => found.isFile())
    .map((found) => join(found.parentPath, found.name))
    .filter((path) => path.includes(slug));
}

describe('the port of the routes', () => {
  test('is reported with its owner when another process listens on it', async () => {
    await wtOk(['platform', 'down']);
    const { createServer } = await import('node:http');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(80, '127.0.0.1', resolve));
    const { code, stderr, stdout } = await wt(['platform', 'up']);
    await new Promise((resolve) => other.close(resolve));
    expect(code).toBe(1);
    expect(stderr + stdout).toMatch(/port 80 .*taken/i);
    expect(stderr + stdout).toContain(String(process.pid));
    await wtOk(['platform', 'up']);
    await eventually('the gateway answers', async () =>
      (await get('nobody.localhost')).status === 404 ? true : undefined,
    );
  });
});

const tenMistakes = `version: 2
name: Shop
servces: {}
services:
  web:
    runtime: nod
    command: 7
    port: 99999
    paths: api
    primary: yes please
  api:
    runtime: node
    prot: 4000
    env: { WEB: "\${services.wbe.url}" }
  Bad_Name:
    image: busybox
    replicas: -1
hots: "{slug}.localhost"
`;

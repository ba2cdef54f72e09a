import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  edit,
  eventually,
  get,
  kubectl,
  Repository,
  startWt,
  testFolder,
  unchangedUp,
  wt,
  wtOk,
} from './harness.ts';

let repository: Repository;
let branch: string;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  repository = new Repository();
  branch = repository.worktree('feat/b');
});

afterAll(async () => {
  await wt(['down'], { cwd: repository.top });
  await wt(['down'], { cwd: branch });
  repository.remove();
});

const idOf = (header: unknown) => /; id=([0-9a-f]{8})$/.exec(String(header))?.[1];

describe('an environment of the current branch', () => {
  beforeAll(async () => {
    await wtOk(['up'], { cwd: repository.top });
  });

  test('answers from web with what api answered inside the cluster', async () => {
    const answer = await get('main.shop.localhost');
    const products = JSON.parse((await get('main.shop.localhost', '/api/products')).body);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(products.products[0].name);
  });

  test('reaches api under its path and under its own host', async () => {
    const byPath = await get('main.shop.localhost', '/api/products');
    const byHost = await get('api.main.shop.localhost', '/');
    expect([byPath.status, byHost.status]).toEqual([200, 200]);
    expect(byPath.headers['content-type']).toContain('application/json');
    expect(byHost.headers['content-type']).toContain('application/json');
  });

  test.each(['/', '/api/products', '/nothing-here'])(
    'reports on %s which environment and which commit answered',
    async (path) => {
      const { headers } = await get('main.shop.localhost', path);
      expect(headers['x-coppice-environment']).toMatch(/^shop\/main; id=[0-9a-f]{8}$/);
      expect(headers['x-coppice-commit']).toBe(`${repository.git('rev-parse', 'HEAD')}+live`);
    },
  );

  test('is left as it is by an unchanged up, without the engine', async () => {
    const before = await kubectl(
      '-n',
      'wt-shop--main',
      'get',
      'deployments',
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    );
    await unchangedUp({ cwd: repository.top });
    const after = await kubectl(
      '-n',
      'wt-shop--main',
      'get',
      'deployments',
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    );
    expect(after).toBe(before);
  });

  test('is repaired by up when a service has no pods behind its live route', async () => {
    await kubectl('-n', 'wt-shop--main', 'scale', 'deployment/api', '--replicas=0');
    await kubectl(
      '-n',
      'wt-shop--main',
      'wait',
      '--for=delete',
      'pod',
      '-l',
      'coppice.dev/service=api',
      '--timeout=300s',
    );
    const again = JSON.parse((await wtOk(['up', '--json'], { cwd: repository.top })).stdout);
    expect(again.unchanged).toBe(false);
    expect((await get('main.shop.localhost', '/api/products')).status).toBe(200);
  });

  test('is repaired by up when its namespace was deleted by hand', async () => {
    await kubectl('delete', 'namespace', 'wt-shop--main', '--wait=true');
    await wtOk(['up'], { cwd: repository.top });
    expect((await get('main.shop.localhost')).status).toBe(200);
  });

  test('shows its namespace, services, URLs and commit', async () => {
    const { stdout } = await wtOk(['status'], { cwd: repository.top });
    for (const part of [
      'wt-shop--main',
      'web',
      'api',
      'http://main.shop.localhost/',
      'http://api.main.shop.localhost/',
      repository.git('rev-parse', '--short=7', 'HEAD'),
    ]) {
      expect(stdout).toContain(part);
    }
  });

  test('prints the logs of its pods, of one service when asked, and follows them', async () => {
    await get('main.shop.localhost', '/api/products?mark=one');
    await eventually('the request in the logs', async () => {
      const { stdout } = await wtOk(['logs', 'api', '--tail', '100'], { cwd: repository.top });
      return /^api(-\w+(#\d+)?)? *\| .*mark=one/m.test(stdout) || undefined;
    });
    const timed = await wtOk(['logs', 'api', '--timestamps'], { cwd: repository.top });
    expect(timed.stdout).toMatch(/^api\S* *\| \d{4}-\d\d-\d\dT\S+ .*mark=one/m);
    const following = startWt(['logs', 'api', '-f', '--tail', '1'], { cwd: repository.top });
    const asking = setInterval(
      () => void get('main.shop.localhost', '/api/products?mark=two').catch(() => {}),
      300,
    );
    await following.seen(/mark=two/);
    clearInterval(asking);
    following.kill('SIGINT');
    await following.ended;
  });

  test('is out of reach for another clone of the app, but by its full name, even without its stack', async () => {
    const clone = new Repository();
    const stack = join(testFolder(), 'data', 'coppice', 'state', '.pulumi', 'stacks', 'shop', 'main.json');
    try {
      for (const verb of ['status', 'stop', 'down', 'up']) {
        const { code, stderr } = await wt([verb], { cwd: clone.top });
        expect([verb, code]).toEqual([verb, 1]);
        expect(stderr).toContain('shop/main is the environment of branch main of');
      }
      renameSync(stack, `${stack}.away`);
      for (const line of [['stop', 'main'], ['start'], ['down', 'main'], ['logs']]) {
        const { code, stderr } = await wt(line, { cwd: clone.top });
        expect([line, code]).toEqual([line, 1]);
        expect(stderr).toContain('shop/main is the environment of branch main of');
      }
      renameSync(`${stack}.away`, stack);
      expect((await get('main.shop.localhost')).status).toBe(200);
      expect((await wtOk(['logs', '--env', 'shop/main', '--tail', '1'], { cwd: '/' })).stdout).toContain(
        'web',
      );
      expect((await wtOk(['up', 'shop/main', '--json'], { cwd: clone.folder })).stdout).toContain(
        repository.top,
      );
    } finally {
      clone.remove();
    }
  });
});

describe('a second worktree', () => {
  beforeAll(async () => {
    await wtOk(['up'], { cwd: repository.top });
    await wtOk(['up'], { cwd: branch });
  });

  test('is another environment in another namespace under another URL', async () => {
    const first = await get('main.shop.localhost');
    const second = await get('feat-b.shop.localhost');
    expect(second.headers['x-coppice-environment']).toMatch(/^shop\/feat-b; id=/);
    expect(idOf(second.headers['x-coppice-environment'])).not.toBe(
      idOf(first.headers['x-coppice-environment']),
    );
    expect(await kubectl('get', 'namespaces', '-o', 'name')).toContain('namespace/wt-shop--feat-b');
  });

  test('answers with an edited file at once, and the first does not', async () => {
    edit(join(branch, 'web', 'page.js'), '<h2>Products</h2>', '<h2>Edited by hand</h2>');
    await eventually('the edit behind the URL', async () => {
      const { body } = await get('feat-b.shop.localhost');
      return body.includes('Edited by hand') || undefined;
    });
    expect((await get('main.shop.localhost')).body).not.toContain('Edited by hand');
  });

  test('cannot be reached through its .git: pods see an empty file there', async () => {
    const seen = await kubectl(
      '-n',
      'wt-shop--feat-b',
      'exec',
      'deployment/web',
      '--',
      'sh',
      '-c',
      'wc -c < /app/.git; touch /app/.git 2>&1 || echo refused',
    );
    expect(seen).toMatch(/^\s*0\s/);
    expect(seen).toContain('refused');
  });
});

/** The page in place of the app, and no page for a pod that calls the service itself. */
async function saysStopped(host: string): Promise<void> {
  const page = await eventually('the page', async () => {
    const answer = await get(host, '/', 80, { accept: 'application/json' });
    return answer.headers['x-coppice-page'] === undefined ? undefined : answer;
  });
  expect([page.status, page.headers['x-coppice-page']]).toEqual([503, 'stopped']);
  expect(page.headers['x-coppice-environment']).toMatch(/^shop\/feat-b; id=/);
  expect(JSON.parse(page.body)).toMatchObject({
    error: { hint: 'run `wt start shop/feat-b`' },
    environment: 'shop/feat-b',
    service: 'web',
    branch: 'feat/b',
    worktree: branch,
  });
  const inside = `fetch('http://web.wt-shop--feat-b.svc:3000', { signal: AbortSignal.timeout(1500) })
    .then(({ status }) => console.log('answers', status), () => console.log('refused'))`;
  const exec = ['-n', 'wt-shop--main', 'exec', 'deploy/web', '--', 'node', '-e', inside];
  expect(await kubectl(...exec)).toBe('refused\n');
}

describe('a host that no environment has', () => {
  const ask = (accept: string) => get('man.shop.localhost', '/', 80, { accept });

  test('gets a page with the nearest one, as HTML, JSON or text', async () => {
    const [html, json, text] = [await ask('text/html'), await ask('application/json'), await ask('*/*')];
    expect([html.status, json.status, text.status]).toEqual([404, 404, 404]);
    expect(html.body).toContain('<a href="http://main.shop.localhost/">');
    expect(JSON.parse(json.body)).toMatchObject({
      error: { code: 'COPPICE_NO_ENVIRONMENT' },
      nearest: expect.arrayContaining(['http://main.shop.localhost/']),
    });
    expect(text.body).toContain('error: no environment has the host man.shop.localhost\n');
    expect(text.headers).toMatchObject({
      'x-coppice-page': 'unknown-host',
      'x-coppice-platform': 'pages',
    });
  });

  test("is not what an app's own 404 is about", async () => {
    const { status, headers } = await get('main.shop.localhost', '/api/nothing-here');
    expect(status).toBe(404);
    expect(headers).not.toHaveProperty('x-coppice-page');
  });
});

describe('stop and start', () => {
  test('remove all pods and bring them back', async () => {
    await wtOk(['up'], { cwd: branch });
    const id = idOf((await get('feat-b.shop.localhost')).headers['x-coppice-environment']);
    await wtOk(['stop'], { cwd: branch });
    expect(await kubectl('-n', 'wt-shop--feat-b', 'get', 'pods', '-o', 'name')).toBe('');
    expect((await wtOk(['status'], { cwd: branch })).stdout).toContain('stopped');
    await saysStopped('feat-b.shop.localhost');
    await wtOk(['start'], { cwd: branch });
    const answers = [];
    for (let count = 0; count < 50; count += 1) answers.push(await get('feat-b.shop.localhost'));
    expect(answers.filter(({ status, headers }) => status !== 200 || headers['x-coppice-page'])).toEqual([]);
    const answer = await get('feat-b.shop.localhost');
    expect(answer.status).toBe(200);
    expect(idOf(answer.headers['x-coppice-environment'])).toBe(id);
  });
});

interface Listed {
  readonly kind: 'worktree' | 'environment';
  readonly branch?: string;
  readonly environments: readonly {
    readonly state: string;
    readonly reasons: readonly string[];
    readonly urls: readonly { readonly url: string }[];
  }[];
}

/** What `wt list` says of the only environment of a branch's worktree. A removed one that is ending has no worktree. */
async function listed(name: string): Promise<Listed['environments'][number] | undefined> {
  const { items } = JSON.parse((await wtOk(['list', '--json'], { cwd: repository.top })).stdout);
  return (items as Listed[]).find((item) => item.kind === 'worktree' && item.branch === name)
    ?.environments[0];
}

describe('create, list and delete', () => {
  test('make a worktree with its environment, say what it is, and remove both', async () => {
    const url = 'http://feat-loop.shop.localhost/';
    const worktree = join(repository.folder, 'loop');
    const created = await wtOk(['create', 'feat/loop', '--path', worktree], { cwd: repository.top });
    expect(created.stdout).toContain(worktree);
    expect(created.stdout).toContain(url);
    expect((await get('feat-loop.shop.localhost')).status).toBe(200);

    const up = await eventually('wt list says up', async () => {
      const environment = await listed('feat/loop');
      return environment?.state === 'up' ? environment : undefined;
    });
    expect(JSON.stringify(up.urls)).toContain(url);
    expect((await wtOk(['status'], { cwd: worktree })).stdout).toMatch(/^shop\/feat-loop: up$/m);

    edit(join(worktree, 'coppice.yaml'), 'ENVIRONMENT:', 'MORE: more\n      ENVIRONMENT:');
    expect(await listed('feat/loop')).toMatchObject({
      state: 'changed',
      reasons: [expect.stringContaining('coppice.yaml')],
    });

    const refused = await wt(['delete', 'feat/loop'], { cwd: repository.top });
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('--discard-changes')]);
    expect((await get('feat-loop.shop.localhost')).status).toBe(200);
    await wtOk(['delete', 'feat/loop', '--discard-changes'], { cwd: repository.top });
    expect(await listed('feat/loop')).toBeUndefined();
    expect((await get('feat-loop.shop.localhost')).status).toBe(404);
    expect(repository.git('branch', '--list', 'feat/loop')).toBe('');
  });
});

describe('down', () => {
  test('leaves no pod, route or stack, may run twice, and an up right after it works', async () => {
    const worktree = repository.worktree('short-lived');
    await wtOk(['up'], { cwd: worktree });
    await wtOk(['down'], { cwd: worktree });
    expect(
      await kubectl(
        'get',
        'pods,httproutes',
        '-A',
        '-l',
        'coppice.dev/environment=short-lived',
        '-o',
        'name',
      ),
    ).toBe('');
    expect((await get('short-lived.shop.localhost')).status).toBe(404);
    expect((await wt(['status'], { cwd: worktree })).code).toBe(1);
    await wtOk(['down'], { cwd: worktree });
    await wtOk(['up'], { cwd: worktree });
    expect((await get('short-lived.shop.localhost')).status).toBe(200);
    await wtOk(['down'], { cwd: worktree });
    await eventually('the namespace is gone', async () => {
      const names = await kubectl('get', 'namespaces', '-o', 'name');
      return names.includes('wt-shop--short-lived') ? undefined : true;
    });
    expect(repository.git('status', '--porcelain')).toBe('');
  });

  test('works for a branch named from elsewhere in the repository', async () => {
    const worktree = repository.worktree('named/elsewhere');
    await wtOk(['up'], { cwd: worktree });
    await wtOk(['down', 'named/elsewhere'], { cwd: repository.top });
    expect((await get('named-elsewhere.shop.localhost')).status).toBe(404);
  });

  test('works for a worktree whose folder is gone', async () => {
    const worktree = repository.worktree('lost');
    await wtOk(['up'], { cwd: worktree });
    rmSync(worktree, { recursive: true });
    mkdirSync(worktree, { recursive: true });
    await wtOk(['down', 'lost'], { cwd: repository.top });
    expect((await get('lost.shop.localhost')).status).toBe(404);
  });

  test('of the last environment leaves no record of the app, not even one of an earlier version', async () => {
    const data = join(testFolder(), 'data', 'coppice');
    mkdirSync(join(data, 'environments', 'gone'), { recursive: true });
    mkdirSync(join(data, 'projects', 'gone'), { recursive: true });
    writeFileSync(join(data, 'environments', 'gone', 'main.json'), '{}');
    writeFileSync(join(data, 'environments', 'gone', 'main.setup.json'), '{}');
    writeFileSync(join(data, 'projects', 'gone', 'Pulumi.yaml'), 'name: gone\nruntime: nodejs\n');
    await wtOk(['down'], { cwd: branch });
    await wtOk(['down'], { cwd: repository.top });
    const records = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !/^(logs|pulumi)\b/.test(file) && /\b(shop|gone)\b/.test(file),
    );
    expect(records).toEqual([]);
  });
});

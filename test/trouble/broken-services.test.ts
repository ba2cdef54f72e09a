import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandResult, edit, eventually, get, Repository, wt, wtOk } from '../e2e/harness.ts';

/** What one service is, in the words of `wt status --json`. */
interface Seen {
  readonly name: string;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly error?: string;
  readonly exitCode?: number;
}

const answering = (text: string, port = 3000, host = '') =>
  `require('http').createServer((q, r) => r.end('${text}')).listen(${port}${host && `, '${host}'`});\n`;

/** What each service runs. */
const programs: { readonly [name: string]: string } = {
  good: answering('good'),
  crash: `console.error('Error: no DATABASE_URL'); process.exit(3);\n`,
  elsewhere: answering('elsewhere', 3003),
  loopback: answering('loopback', 3000, '127.0.0.1'),
  watched: 'const = 1;\n',
  fails: `require('http').createServer((q, r) => {
    console.error('Error: relation "users" does not exist');
    r.statusCode = 500;
    r.end('no');
  }).listen(3000);\n`,
  slow: `require('http').createServer((q, r) => setTimeout(() => r.end('slow'), 3000)).listen(3000);\n`,
  worker: `console.log('nothing to do');\n`,
};

/** Those that do not answer. `error`: their process's own last line about one. */
const broken: readonly [name: string, reason: RegExp, error: RegExp | undefined][] = [
  ['crash', /crashes: exit code 3/, /no DATABASE_URL/],
  ['elsewhere', /port 3003, and coppice\.yaml says port 3000/, undefined],
  ['loopback', /127\.0\.0\.1:3000 only/, undefined],
  ['watched', /the process has ended, and its watcher waits for an edit/, /SyntaxError/],
  ['worker', /ended by itself/, undefined],
];

const spec = `version: 1
name: broken
services:
${Object.keys(programs)
  .map(
    (name) => `  ${name}:
    runtime: node
    command: node ${['watched', 'fails'].includes(name) ? '--watch ' : ''}${name}.cjs
${name === 'worker' ? '' : '    port: 3000\n'}${name === 'good' ? '    primary: true\n' : ''}`,
  )
  .join('')}`;

let repository: Repository;
const run = (...args: string[]): Promise<CommandResult> => wt(args, { cwd: repository.top });

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up']);
  repository = new Repository({ branch: 'many', spec });
  for (const [name, text] of Object.entries(programs)) repository.write(`${name}.cjs`, text);
});

afterAll(async () => {
  await run('down');
  repository.remove();
});

interface Status {
  readonly code: number | null;
  readonly state: string;
  readonly services: readonly Seen[];
  readonly routes: readonly { readonly service: string; readonly ready: boolean; readonly status?: number }[];
}

async function statusNow(): Promise<Status> {
  const { code, stdout } = await run('status', '--json');
  return { code, ...JSON.parse(stdout) };
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

interface Doctor {
  readonly code: number | null;
  readonly checks: readonly Check[];
}

async function doctorNow(): Promise<Doctor> {
  const { code, stdout } = await run('doctor', '--json');
  const { sections } = JSON.parse(stdout) as { readonly sections: readonly { readonly checks: Check[] }[] };
  return { code, checks: sections.flatMap(({ checks }) => checks) };
}

/** Restarts go on between two looks, and between two ends a process runs for a moment. */
const uncounted = (text: string) => text.replace(/\d+ restarts?/, 'restarts');

function detailOf({ state, reasons, error }: Seen): string {
  return uncounted([state, ...reasons, ...(error === undefined ? [] : [error])].join(': '));
}

function detailIn({ checks }: Doctor, name: string): string {
  return uncounted(checks.find((check) => check.name === `service ${name}`)?.detail ?? '');
}

function serviceIn({ services }: Status, name: string): Seen {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`no service ${name} in ${JSON.stringify(services)}`);
  return found;
}

const untilStates = (what: string, enough: (status: Status) => boolean) =>
  eventually(what, async () => {
    const status = await statusNow();
    return enough(status) ? status : undefined;
  });

/** A process that is slow to end counts as up until then, and is named by the next `up`. */
const upNamingAll = () =>
  eventually('up names every broken service', async () => {
    const { code, stderr } = await run('up');
    const isNamed = ([name]: (typeof broken)[number]) => new RegExp(`service ${name}:? `).test(stderr);
    return code === 1 && broken.every(isNamed) ? stderr : undefined;
  });

test('up ends with 1 and names every broken service, and says so again the second time', async () => {
  await upNamingAll();
  const others = ['good', 'slow', 'fails'];
  await untilStates('the others are ready', (now) =>
    others.every((name) => serviceIn(now, name).state === 'ready'),
  );
  const stderr = await upNamingAll();
  for (const name of others) expect(stderr).not.toMatch(new RegExp(`service ${name}:? `));
});

test('status and doctor say the same about each', async () => {
  const { status, doctor } = await eventually(
    'status and doctor agree that the broken ones fail',
    async () => {
      const status = await statusNow();
      const doctor = await doctorNow();
      const fail = broken.every(([name]) => serviceIn(status, name).state === 'failing');
      return fail && status.services.every((one) => detailIn(doctor, one.name) === detailOf(one))
        ? { status, doctor }
        : undefined;
    },
  );
  expect([status.code, status.state]).toEqual([1, 'failing']);
  for (const [name, reason, error] of broken) {
    const service = serviceIn(status, name);
    expect(service.reasons.join('; '), name).toMatch(reason);
    if (error) expect(service.error, name).toMatch(error);
  }
  expect(serviceIn(status, 'crash').exitCode).toBe(3);
  expect(serviceIn(status, 'worker').exitCode).toBe(0);
  expect(serviceIn(status, 'fails').error).toBe('Error: relation "users" does not exist');
  const answers = new Map(status.routes.map(({ service, status }) => [service, status]));
  expect([answers.get('good'), answers.get('slow'), answers.get('fails')]).toEqual([200, 200, 500]);
  const { code, checks } = doctor;
  expect(code).toBe(1);
  for (const { name, state } of status.services)
    expect(checks.find((check) => check.name === `service ${name}`)?.ok, name).toBe(state === 'ready');
  const wrongRoutes = checks.filter(({ name, ok }) => name === 'route' && !ok).map(({ detail }) => detail);
  expect(wrongRoutes).toEqual(['http://fails.many.broken.localhost/ answers 500']);
});

test('the page in place of each that no pod answers for says the same', async () => {
  const ask = (name: string) => get(`${name}.many.broken.localhost`, '/', 80, { accept: 'application/json' });
  for (const [name, reason, error] of broken) {
    if (name === 'worker') continue;
    await eventually(`the page of ${name}`, async () => {
      const { status, headers, body } = await ask(name);
      expect(status).toBe(503);
      expect(headers['x-coppice-page']).toMatch(/failing|starting/);
      expect(JSON.parse(body)).toMatchObject({ environment: 'broken/many', service: name });
      // What listens in a pod is seen from within alone.
      if (error) expect(JSON.parse(body).reason).toMatch(reason);
      if (error) expect(JSON.parse(body).lastError).toMatch(error);
      return true;
    });
  }
  expect(JSON.parse((await ask('crash')).body).exitCode).toBe(3);
  expect((await ask('fails')).headers).not.toHaveProperty('x-coppice-page');
});

test('restart renews a service although no up has succeeded yet', async () => {
  const { code, stdout, stderr } = await run('restart', 'good', '--json');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ restarted: ['good'] });
  const start = await run('start');
  expect(start.code).toBe(1);
  expect(start.stderr).toMatch(/its first `wt up` did not finish[\s\S]*try: wt up/);
});

test('after the files are corrected up succeeds, and all say so', async () => {
  for (const name of Object.keys(programs)) repository.write(`${name}.cjs`, answering(name));
  repository.write('worker.cjs', 'setInterval(() => {}, 1000);\n');
  const up = await run('up');
  expect(up.code, up.stderr).toBe(0);
  const status = await statusNow();
  expect([status.code, status.state]).toEqual([0, 'up']);
  expect((await doctorNow()).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test('a new version that crashes leaves the old one answering, and up, status and doctor say that', async () => {
  edit(`${repository.top}/coppice.yaml`, 'node good.cjs', 'node gone.cjs');
  const up = await run('up');
  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service good: the new version crashes');
  const { good, doctor } = await eventually('status and doctor agree that it crashes', async () => {
    const status = await statusNow();
    const doctor = await doctorNow();
    const good = serviceIn(status, 'good');
    const agree = status.state === 'degraded' && detailIn(doctor, 'good') === detailOf(good);
    return agree && status.code === 1 ? { good, doctor } : undefined;
  });
  expect(good.state).toBe('degraded');
  expect(good.reasons.join()).toMatch(/new version crashes.*the one before still answers/);
  expect(good.error).toMatch(/Cannot find module/);
  expect((await get('many.broken.localhost')).body).toBe('good');
  expect(doctor.code).toBe(1);
});

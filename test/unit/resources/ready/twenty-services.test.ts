import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentState, isNewsOf } from '../../../../resources/ready/check.ts';
import type { ServiceFacts } from '../../../../resources/ready/facts.ts';
import { judgeServices } from '../../../../resources/ready/judge-services.ts';

/**
 * What the product itself saw of broken services on an embedded cluster (Kubernetes 1.34), some of them after an
 * intervention with kubectl: recorded, cut to the fields that are read, and otherwise as it was.
 */
function recorded(name: string): { readonly now: number; readonly facts: ServiceFacts } {
  const file = join(import.meta.dirname, 'recorded', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as { now: number; facts: ServiceFacts };
}

const cases: readonly [
  what: string,
  record: string,
  service: string,
  environment: string,
  reason: RegExp | undefined,
  error: RegExp | undefined,
][] = [
  [
    'ends at its start',
    'crash',
    'failing',
    'failing',
    /crashes: exit code 1, \d+ restarts/,
    /no DATABASE_URL/,
  ],
  ['ends after 20 s', 'later', 'failing', 'failing', /crashes: exit code 1/, /the cache went away/],
  [
    'has a new version that crashes',
    'newer',
    'degraded',
    'degraded',
    /new version crashes.*one before/,
    /pgx/,
  ],
  ['has an image that does not exist', 'image', 'failing', 'failing', /cannot be pulled/, undefined],
  [
    'listens on another port',
    'port',
    'failing',
    'failing',
    /port 3003, and coppice.yaml says port 3000/,
    /./,
  ],
  ['listens on loopback only', 'loopback', 'failing', 'failing', /127\.0\.0\.1:3000 only.*0\.0\.0\.0/, /./],
  [
    'has a syntax error below node --watch',
    'watch',
    'failing',
    'failing',
    /watcher/,
    /^SyntaxError.*broken\.js:2\)$/,
  ],
  [
    'has a syntax error below nodemon',
    'nodemon',
    'failing',
    'failing',
    /watcher/,
    /^SyntaxError.*broken\.js:2\)$/,
  ],
  ['has a syntax error below tsx watch', 'tsx', 'failing', 'failing', /watcher/, /Transform failed/],
  ['ended well below node --watch', 'watchend', 'failing', 'failing', /watcher/, undefined],
  [
    'is a worker with a syntax error below node --watch',
    'worker',
    'failing',
    'failing',
    /watcher/,
    /SyntaxError/,
  ],
  ['is a worker that crashes', 'workcrash', 'failing', 'failing', /crashes/, /no queue/],
  [
    'needs more memory than its limit',
    'oom',
    'failing',
    'failing',
    /out of memory \(limit 96Mi\)/,
    undefined,
  ],
  ['ends with exit code 0', 'zero', 'failing', 'failing', /ended by itself/, /done/],
  ['lost its process behind a shell', 'gone', 'failing', 'failing', /no longer listens on port 3000/, /./],
  ['asks for more memory than there is', 'pending', 'failing', 'failing', /cannot be scheduled/, undefined],
  [
    'waits for a Secret',
    'secret',
    'degraded',
    'degraded',
    /secrets? "nothing" not found.*one before/,
    undefined,
  ],
  ['was scaled to 0 by hand', 'scaled', 'failing', 'failing', /scaled to 0 by hand/, undefined],
  ['lost its Deployment', 'deleted', 'failing', 'failing', /no Deployment/, undefined],
  [
    'was killed and runs again',
    'killed',
    'degraded',
    'degraded',
    /restarted once, .*exit code 137/,
    undefined,
  ],
  ['answers 500', 'five', 'ready', 'degraded', undefined, undefined],
  ['waited for another service', 'waiter', 'ready', 'up', undefined, undefined],
];

test.each(cases)('a service that %s (%s) is %s, and its environment %s', (...given) => {
  const [, record, service, environment, reason, error] = given;
  const { now, facts } = recorded(record);
  const judged = judgeServices([facts], now);
  const [state] = judged;
  expect(state?.state).toBe(service);
  if (reason) expect(state?.reason).toMatch(reason);
  else expect(state?.reason).toBeUndefined();
  if (error) expect(state?.error).toMatch(error);
  const routes = [{ service: facts.expected.name, ready: record !== 'five' }];
  expect(
    environmentState(
      judged,
      routes.filter(() => service === 'ready'),
    ),
  ).toBe(environment);
});

test('a program below a watcher that the kernel ended for want of memory is told so', () => {
  const { now, facts } = recorded('watchend');
  const judged = (outOfMemory: number, ...above: string[]) => {
    const pods = facts.pods.map((one) => ({
      ...one,
      log: [...above, ...(one.log ?? [])],
      inside: { listeners: [], processes: [], ...one.inside, outOfMemory },
    }));
    return judgeServices([{ ...facts, pods }], now)[0]?.reason;
  };
  expect(judged(1)).toMatch(/has ended, out of memory( \(limit \w+\))?, and its watcher waits/);
  expect(judged(0)).toMatch(/has ended, and its watcher waits/);
  expect(judged(1, 'SyntaxError: Unexpected token')).toMatch(/has ended, and its watcher waits/);
});

test('a service that keeps ending is waited for while another one starts, unless the fault is its own', () => {
  const { now, facts } = recorded('crash');
  const early = {
    ...facts,
    pods: facts.pods.map((one) => ({
      ...one,
      log: ['Error: connect ECONNREFUSED 10.0.0.1:5432'],
      pod: withRestarts(one.pod, 2),
    })),
  };
  const starting: ServiceFacts = { expected: { ...facts.expected, name: 'api' }, pods: [] };
  expect(judgeServices([early], now)[0]).toMatchObject({ state: 'failing', hopeless: true });
  expect(judgeServices([early, starting], now)[0]).toMatchObject({ state: 'starting', hopeless: false });
  const own = {
    ...early,
    pods: early.pods.map((one) => ({ ...one, log: ["SyntaxError: Unexpected token ')'"] })),
  };
  expect(judgeServices([own, starting], now)[0]).toMatchObject({ state: 'failing', hopeless: true });
});

test('a service that ends after it had answered does not wait for another one', () => {
  const { now, facts } = recorded('later');
  const soon = { ...facts, pods: facts.pods.map((one) => ({ ...one, pod: withRestarts(one.pod, 2) })) };
  const starting: ServiceFacts = { expected: { ...facts.expected, name: 'api' }, pods: [] };
  expect(judgeServices([soon, starting], now)[0]).toMatchObject({ state: 'failing', hopeless: true });
});

test('a service on a node that does not report fails, whatever its process did last', () => {
  const { now, facts } = recorded('five');
  const conditions = [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Ready', status: 'False' },
    { type: 'ContainersReady', status: 'True' },
  ];
  const silent = facts.pods.map(({ pod }) => ({ pod: { ...pod, status: { ...pod.status, conditions } } }));
  const [state] = judgeServices([{ ...facts, pods: silent }], now);
  expect(state).toMatchObject({ state: 'failing', reason: expect.stringContaining('no longer reports') });
  expect(state?.age).toBeUndefined();
});

function withRestarts(pod: ServiceFacts['pods'][number]['pod'], restartCount: number) {
  const statuses = pod.status?.containerStatuses?.map((status) => ({ ...status, restartCount }));
  return { ...pod, status: { ...pod.status, ...(statuses && { containerStatuses: statuses }) } };
}

test('an exception ends a program, not a watcher, where the container runs none', () => {
  const { now, facts } = recorded('tsx');
  const log = ['ReferenceError: require is not defined', '', 'Node.js v20.20.2'];
  const ran = (command: string): ServiceFacts => ({
    ...facts,
    pods: facts.pods.map(({ pod }) => {
      const [container] = pod.spec?.containers ?? [];
      if (!container) throw new Error('the record has a container');
      const spec = { ...pod.spec, containers: [{ ...container, command: ['sh', '-c', command] }] };
      return { pod: { ...pod, spec }, log };
    }),
  });
  expect(judgeServices([ran('node broken.js')], now)[0]?.reason).not.toMatch(/watcher/);
  expect(judgeServices([ran('node_modules/.bin/tsx watch broken.ts')], now)[0]?.reason).toMatch(/watcher/);
});

test('the route of a service that starts or fails says nothing more, and another one does', () => {
  const services = ['ready', 'degraded', 'starting', 'failing'].map((state) => ({ name: state, state }));
  const news = services.filter(({ name }) => isNewsOf({ service: name, ready: false }, services));
  expect(news.map(({ name }) => name)).toEqual(['ready', 'degraded']);
  expect(isNewsOf({ service: 'ready', ready: true }, services)).toBe(false);
});

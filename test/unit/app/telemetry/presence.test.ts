import { expect, test } from 'vitest';
import { neverSeenError } from '../../../../app/target/no-environment.ts';
import { isRemembered, lookAt, periodOf } from '../../../../app/telemetry/presence.ts';
import { CoppiceError } from '../../../../core/errors.ts';

const yes = async () => true;
const no = async () => false;
const failing = (code: 'COPPICE_NO_TELEMETRY' | 'COPPICE_TELEMETRY_UNREACHABLE') => async () => {
  throw new CoppiceError(code, 'Jaeger');
};
const absent = failing('COPPICE_NO_TELEMETRY');
const away = failing('COPPICE_TELEMETRY_UNREACHABLE');
const remembered = (...stores: readonly (() => Promise<boolean>)[]) =>
  isRemembered(stores.map((ask) => ask()));

test('one store that has something of an environment is enough, whatever the others answer', async () => {
  expect(await remembered(no, yes, no)).toBe(true);
  expect(await remembered(away, absent, yes)).toBe(true);
});

test('an environment is unknown where no store has anything, and where there is no store', async () => {
  expect(await remembered(no, no, no)).toBe(false);
  expect(await remembered(absent, absent, absent)).toBe(false);
  expect(await remembered(no, absent)).toBe(false);
});

test('a store that is away might know it: that is its error, and not that there is none', async () => {
  await expect(remembered(no, away, absent)).rejects.toMatchObject({ code: 'COPPICE_TELEMETRY_UNREACHABLE' });
});

test('of an environment that is gone all that is kept is asked for, of another its last minutes', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  expect(periodOf({ gone: true }, now).from).toBeLessThanOrEqual(now - 30 * 86_400_000);
  expect(periodOf({ gone: false, created: now - 60_000 }, now)).toEqual({ from: now - 60_000, to: now });
});

const hintOf = (slug: string, up: readonly string[], gone: readonly string[] = [], unknown = true) =>
  neverSeenError(
    { app: 'shop', slug, toBringUp: 'wt up', ...(unknown && { unknown: true as const }) },
    { up, gone },
  ).hint;

test('a name of which nothing is known leads to the one that was meant, else to those that there are', () => {
  const { code, message } = neverSeenError({ app: 'shop', slug: 'nobody' }, { up: [], gone: [] });
  expect([code, message]).toEqual([
    'COPPICE_NO_ENVIRONMENT',
    'shop/nobody is not up, and nothing is stored of it',
  ]);
  expect(hintOf('fet-login', ['shop/main', 'shop/feat-login'])).toBe('did you mean "feat-login"?');
  expect(hintOf('fet-login', ['shop/main'], ['shop/feat-login'])).toBe('did you mean "feat-login"?');
  expect(hintOf('nobody', ['shop/main', 'blog/main'], ['shop/old'])).toBe(
    'up: main, blog/main; gone, with telemetry: old',
  );
  const many = Array.from({ length: 50 }, (_, at) => `shop/environment-${at}`);
  expect(hintOf('nobody', many)).toMatch(/^up: (environment-\d, ){5}environment-5 and 44 more$/);
});

test('of a worktree, and where there is no other environment, the next step is to bring it up', () => {
  expect(hintOf('main', [])).toBe('wt up');
  expect(hintOf('main', ['shop/mian'], [], false)).toBe('wt up');
});

type Core = Parameters<typeof lookAt>[0]['core'];

test('a namespace that ends counts as gone: its environment was removed, and its pods have ended', async () => {
  const metadata = {
    creationTimestamp: '2026-11-30T12:00:00Z',
    annotations: { 'coppice.dev/repository': '/shop', 'coppice.dev/branch': 'old' },
  };
  const look = (more: object) => {
    const readNamespace = async () => ({ metadata: { ...metadata, ...more } });
    const name = { app: 'shop', slug: 'old', namespace: 'wt-shop--old' } as Parameters<typeof lookAt>[1];
    return lookAt({ core: { readNamespace } as unknown as Core }, name);
  };
  expect(await look({})).toEqual({ created: new Date('2026-11-30T12:00:00Z') });
  expect(await look({ deletionTimestamp: '2026-11-30T12:05:00Z' })).toBeUndefined();
});

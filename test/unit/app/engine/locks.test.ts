import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdStack } from '../../../../app/engine/hold.ts';
import { lockState, parseLock, stackLocks, unrest } from '../../../../app/engine/locks.ts';
import { isAlive } from '../../../../core/alive.ts';
import { paths } from '../../../../core/paths.ts';

const stack = { project: 'shop', stack: 'feat-b' };
let folder: string;
let places: ReturnType<typeof paths>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-locks-'));
  places = paths({ XDG_DATA_HOME: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

const content = (lock: object) =>
  JSON.stringify({
    pid: 7,
    username: 'kim',
    hostname: hostname(),
    timestamp: '2026-11-21T11:00:00Z',
    ...lock,
  });

function writeLock(text: string): void {
  const locks = join(places.pulumiState, '.pulumi', 'locks', 'organization', 'shop', 'feat-b');
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, '0ab1.json'), text);
}

describe('a lock of the file backend', () => {
  test('names its owner, machine and time', () => {
    expect(parseLock('/x.json', content({}))).toMatchObject({
      pid: 7,
      username: 'kim',
      hostname: hostname(),
      timestamp: new Date('2026-11-21T11:00:00Z'),
    });
  });

  test('is stale when its process on this machine has ended', async () => {
    expect(await lockState(parseLock('/x', content({})), hostname(), () => false)).toBe('stale');
  });

  test('is live while its process runs', async () => {
    expect(await lockState(parseLock('/x', content({})), hostname(), () => true)).toBe('live');
  });

  test('from another machine is never stale', async () => {
    expect(
      await lockState(parseLock('/x', content({ hostname: 'elsewhere' })), hostname(), () => false),
    ).toBe('foreign');
  });

  test('that was only half written has no owner', async () => {
    expect(await lockState(parseLock('/x', '{"pid": 12'), hostname(), (pid) => pid > 0)).toBe('stale');
  });
});

test('whose process id now belongs to another program is stale', async () => {
  expect(await isAlive(process.pid, '')).toBe(true);
  expect(await isAlive(process.pid, 'pulumi')).toBe(false);
});

describe('holding a stack', () => {
  test('removes a stale lock, and reports it', async () => {
    writeLock(content({ pid: 2 ** 22 + 1 }));
    const notes: string[] = [];
    await holdStack(
      stack,
      'up',
      (text) => notes.push(text),
      async () => {},
      places,
    );
    expect(notes.join()).toMatch(/cleared the lock of a run that ended without cleaning up/);
    expect(await stackLocks(stack, places)).toEqual([]);
  });

  test('refuses while another machine holds it, with owner and age', async () => {
    writeLock(content({ hostname: 'elsewhere', timestamp: new Date(Date.now() - 300_000).toISOString() }));
    const held = holdStack(
      stack,
      'up',
      () => {},
      async () => {},
      places,
    );
    await expect(held).rejects.toMatchObject({
      code: 'COPPICE_LOCKED',
      message: 'shop/feat-b is being changed by kim@elsewhere, process 7, for 5 min',
    });
  });

  test('makes a second one wait, and reports it', async () => {
    const order: string[] = [];
    let finish: () => void = () => {};
    const first = holdStack(
      stack,
      'up',
      () => {},
      () =>
        new Promise<void>((resolve) => {
          finish = () => {
            order.push('first');
            resolve();
          };
        }),
      places,
    );
    await expect.poll(() => existsSync(join(places.environments, 'shop', 'feat-b.run.json'))).toBe(true);
    const second = holdStack(
      stack,
      'up',
      (text) => {
        order.push(text);
        finish();
      },
      async () => void order.push('second'),
      places,
    );
    await Promise.all([first, second]);
    expect(order).toEqual(['another wt is working on shop/feat-b; waiting for it', 'first', 'second']);
  });

  test('does not wait for a holder that was killed', async () => {
    const environments = join(places.environments, 'shop');
    mkdirSync(join(environments, 'feat-b.run.lock'), { recursive: true });
    writeFileSync(
      join(environments, 'feat-b.run.json'),
      JSON.stringify({ pid: 2 ** 22 + 1, verb: 'up', since: '' }),
    );
    const notes: string[] = [];
    await holdStack(
      stack,
      'up',
      (text) => notes.push(text),
      async () => {},
      places,
    );
    expect(notes).toEqual([]);
  });

  test('may be done once more within it, as by the engine run of a longer verb', async () => {
    const notes: string[] = [];
    const again = () =>
      holdStack(
        stack,
        'down',
        (text) => notes.push(text),
        async () => 'done',
        places,
      );
    expect(await holdStack(stack, 'down', (text) => notes.push(text), again, places)).toBe('done');
    expect(notes).toEqual([]);
    expect(existsSync(join(places.environments, 'shop', 'feat-b.run.json'))).toBe(false);
  });
});

describe('the unrest of a stack', () => {
  test('is none before, between and after runs, and names the verb of one', async () => {
    expect(await unrest(stack, places)).toBeUndefined();
    const during = await holdStack(
      stack,
      'down',
      () => {},
      () => unrest(stack, places),
      places,
    );
    expect(during).toBe('`wt down` is working on it');
    expect(await unrest(stack, places)).toBeUndefined();
  });

  test('stays after a run that was killed, whatever it left', async () => {
    const killed = 'a run that worked on it ended without cleaning up';
    writeLock(content({ pid: 2 ** 22 + 1 }));
    expect(await unrest(stack, places)).toBe(killed);
    rmSync(places.pulumiState, { recursive: true });
    const environments = join(places.environments, 'shop');
    mkdirSync(environments, { recursive: true });
    const run = { pid: 2 ** 22 + 1, verb: 'down', since: '' };
    writeFileSync(join(environments, 'feat-b.run.json'), JSON.stringify(run));
    expect(await unrest(stack, places)).toBe(killed);
  });

  test('counts a lock whose holder has not said yet who it is', async () => {
    mkdirSync(join(places.environments, 'shop', 'feat-b.run.lock'), { recursive: true });
    expect(await unrest(stack, places)).toBe('another wt is working on it');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Interrupts, interruptible } from '../../../core/interrupts.ts';
import { pause } from '../../../core/pause.ts';
import { retry, until, type Waiting } from '../../../core/until.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** The outcome of a wait, with the milliseconds that it took, while the clock runs as fast as it can. */
async function timed<T>(wait: () => Promise<T>): Promise<{ result?: T; error?: unknown; took: number }> {
  const began = performance.now();
  const end = wait().then(
    (result) => ({ result, took: performance.now() - began }),
    (error: unknown) => ({ error, took: performance.now() - began }),
  );
  await vi.runAllTimersAsync();
  return end;
}

/** An attempt that returns one value after the other, and then always the last one. */
function seeing<T>(...values: readonly T[]) {
  let looks = 0;
  return vi.fn(() => values[Math.min(looks++, values.length - 1)] as T);
}

describe('until', () => {
  it('does not pause when the first attempt succeeds', async () => {
    expect(await timed(() => until(() => 'there', { every: 100 }))).toEqual({ result: 'there', took: 0 });
  });

  it('treats undefined and false as not yet, and 0 and the empty text as results', async () => {
    const every = 100;
    expect(await timed(() => until(seeing<unknown>(undefined, false, 0), { every }))).toEqual({
      result: 0,
      took: 200,
    });
    expect((await timed(() => until(() => '', { every }))).took).toBe(0);
  });

  it('polls until `done` accepts the result, and returns it', async () => {
    const wait = () => until(seeing([1, 2], [1], []), { every: 50, done: ({ length }) => length === 0 });
    expect(await timed(wait)).toEqual({ result: [], took: 100 });
  });

  it('waits for a slow attempt, and counts its time', async () => {
    const look = vi.fn(async () => {
      await pause(70);
      return false;
    });
    const { took } = await timed(() => until(look, { every: 30, within: 250 }));
    expect(took).toBe(270);
    expect(look).toHaveBeenCalledTimes(3);
  });

  it('returns the last result when the time is up and there is no `late', async () => {
    const wait = () => until(seeing('a', 'b', 'c', 'd'), { every: 100, within: 150, done: () => false });
    expect(await timed(wait)).toEqual({ result: 'c', took: 200 });
  });

  it('throws the error that `late` builds from the last result', async () => {
    const waiting: Waiting<number> = {
      every: 100,
      within: 150,
      done: (left) => left === 0,
      late: async (left, { attempts, elapsed }) => new Error(`${left} left after ${attempts} in ${elapsed}`),
    };
    const { error } = await timed(() => until(seeing(9, 8, 7), waiting));
    expect(error).toEqual(new Error('7 left after 3 in 200'));
  });

  it('makes one attempt when there is no time at all', async () => {
    const look = seeing(false);
    const { took } = await timed(() => until(look, { every: 100, attempts: 1 }));
    expect(took).toBe(0);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('passes the elapsed time to an attempt', async () => {
    const look = vi.fn((elapsed: number) => elapsed >= 200);
    await timed(() => until(look, { every: 100 }));
    expect(look.mock.calls).toEqual([[0], [100], [200]]);
  });

  it('polls less often when requested', async () => {
    const every = ({ attempts }: { readonly attempts: number }) => 10 * attempts;
    expect((await timed(() => until(seeing(false, false, false, true), { every }))).took).toBe(60);
  });

  it('ends with the error of an attempt', async () => {
    const look = vi.fn(() => {
      throw new Error('no such cluster');
    });
    const { error } = await timed(() => until(look, { every: 100, within: 1_000 }));
    expect(error).toEqual(new Error('no such cluster'));
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('makes no attempt when already interrupted', async () => {
    const look = seeing(true);
    const { error } = await timed(() => until(look, { every: 100, signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    expect(look).not.toHaveBeenCalled();
  });

  it('ends at once, in the middle of a pause, when it is interrupted', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 130);
    const { error, took } = await timed(() =>
      until(() => false, { every: 100, signal: controller.signal, late: () => new Error('late') }),
    );
    expect(error).toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    expect(took).toBe(130);
  });

  it('leaves no listener on the signal and no timer behind', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await timed(() => until(seeing(false, false, true), { every: 100, signal }));
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('retry', () => {
  const busy = new Error('busy');
  const again = (error: unknown) => error === busy;
  const failing = (...errors: readonly Error[]) => {
    const left = [...errors];
    return vi.fn(async () => {
      const error = left.shift();
      if (error) throw error;
      return 'worked';
    });
  };

  it('tries again after a temporary error', async () => {
    expect(await timed(() => retry(failing(busy, busy), { every: 100, again }))).toEqual({
      result: 'worked',
      took: 200,
    });
  });

  it('throws any other error at once', async () => {
    const work = failing(busy, new Error('refused'));
    expect(await timed(() => retry(work, { every: 100, again }))).toEqual({
      error: new Error('refused'),
      took: 100,
    });
  });

  it('throws the last error after the maximum of attempts', async () => {
    const work = failing(busy, busy, busy, busy);
    const { error } = await timed(() => retry(work, { every: 100, attempts: 3, again }));
    expect(error).toBe(busy);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('throws the last error when the time is up', async () => {
    const { error, took } = await timed(() =>
      retry(failing(busy, busy, busy, busy), { every: 100, within: 150, again }),
    );
    expect(error).toBe(busy);
    expect(took).toBe(200);
  });

  it('returns undefined when that is the result', async () => {
    expect(await timed(() => retry(async () => undefined, { every: 100, again }))).toEqual({
      result: undefined,
      took: 0,
    });
  });
});

describe('interruptible', () => {
  it('aborts its signal on Ctrl+C, with an interruption error', async () => {
    const interrupts = new Interrupts();
    const work = interruptible(interrupts, (signal) => pause(1_000, signal));
    const end = expect(work).rejects.toMatchObject({
      code: 'COPPICE_INTERRUPTED',
      cause: { code: 'COPPICE_INTERRUPTED' },
    });
    expect(interrupts.interrupt()).toBe(true);
    await end;
  });

  it('leaves Ctrl+C to others once it has ended, successfully or not', async () => {
    const interrupts = new Interrupts();
    await interruptible(interrupts, async () => {});
    await interruptible(interrupts, async () => {
      throw new Error('failed');
    }).catch(() => {});
    expect(interrupts.interrupt()).toBe(false);
  });
});

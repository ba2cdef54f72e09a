import { expect, test, vi } from 'vitest';
import { follow } from '../../../../platform/pages/program/follow.ts';
import type { KubernetesApi } from '../../../../platform/pages/program/kubernetes.ts';
import { FakeApi } from './cluster.ts';

interface Thing {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}
const thing = (name: string, resourceVersion: string): Thing => ({ metadata: { name, resourceVersion } });

/** A server whose watches do what the test says, one after the other; the last never ends. */
class Watched extends FakeApi implements KubernetesApi {
  readonly asked: string[] = [];
  private readonly scripts: ((onEvent: (event: unknown) => void) => void)[];

  constructor(...scripts: ((onEvent: (event: unknown) => void) => void)[]) {
    super();
    this.scripts = scripts;
  }

  override watch(path: string, onEvent: (event: unknown) => void): Promise<void> {
    this.asked.push(new URL(path, 'http://api').searchParams.get('resourceVersion') ?? '');
    const script = this.scripts.shift();
    if (!script) return new Promise(() => {});
    return Promise.resolve().then(() => script(onEvent));
  }
}

async function followed(api: Watched, watches: number): Promise<string[]> {
  const seen: string[] = [];
  const names = (things: readonly Thing[]) => things.map(({ metadata }) => metadata.name).join();
  void follow<Thing>(api, '/things', 'ours', {
    replace: (things) => seen.push(`all ${names(things)}`),
    put: (one) => seen.push(`put ${one.metadata.name}`),
    remove: (one) => seen.push(`remove ${one.metadata.name}`),
  });
  await vi.waitUntil(() => api.asked.length >= watches, { timeout: 50_000, interval: 5 });
  return seen;
}

test('a list and then a watch that goes on where the one before ended', async () => {
  const api = new Watched((onEvent) => {
    onEvent({ type: 'ADDED', object: thing('b', '8') });
    onEvent({ type: 'DELETED', object: thing('a', '9') });
    onEvent({ type: 'BOOKMARK', object: thing('', '12') });
  });
  api.answers['/things'] = { metadata: { resourceVersion: '7' }, items: [thing('a', '3')] };
  expect(await followed(api, 2)).toEqual(['all a', 'put b', 'remove a']);
  expect(api.asked).toEqual(['7', '12']);
});

test('a version that the server has forgotten, and a connection that breaks, begin with a list again', async () => {
  const api = new Watched(
    (onEvent) => onEvent({ type: 'ERROR', object: { code: 410, message: 'too old' } }),
    () => {
      throw new Error('socket hang up');
    },
  );
  api.answers['/things'] = { metadata: { resourceVersion: '7' }, items: [thing('a', '3')] };
  expect(await followed(api, 3)).toEqual(['all a', 'all a', 'all a']);
});

import type { V1Namespace } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import type { KubeReader } from '../../../../cluster/kube/client.ts';
import { namespaceState, untilNotEnding } from '../../../../cluster/kube/namespace-state.ts';

const live: V1Namespace = { metadata: { name: 'wt-shop--b' } };
const ending: V1Namespace = { metadata: { name: 'wt-shop--b', deletionTimestamp: new Date() } };

/** A cluster that answers each of these once, and the last one from then on; undefined is a 404. */
function answering(...answers: readonly (V1Namespace | undefined)[]) {
  let asked = 0;
  const readNamespace = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === undefined) throw Object.assign(new Error('not found'), { code: 404 });
    return answer;
  };
  return { kube: { core: { readNamespace } } as unknown as KubeReader, asked: () => asked };
}

describe('what a cluster has under a name', () => {
  test.each([
    ['live', live],
    ['ending', ending],
    ['absent', undefined],
  ])('is %s', async (state, there) => {
    expect(await namespaceState(answering(there).kube, 'wt-shop--b')).toBe(state);
  });

  test('is waited for while it ends, until it is gone', async () => {
    const cluster = answering(ending, ending, undefined);
    const signal = new AbortController().signal;
    expect(await untilNotEnding(cluster.kube, 'wt-shop--b', signal)).toBe('absent');
    expect(cluster.asked()).toBe(3);
  });

  test('is the new one, when another run created it while this one waited', async () => {
    const { kube } = answering(ending, live);
    expect(await untilNotEnding(kube, 'wt-shop--b', new AbortController().signal)).toBe('live');
  });

  test('ends the wait at Ctrl+C', async () => {
    const waiting = untilNotEnding(answering(ending).kube, 'wt-shop--b', AbortSignal.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  });
});

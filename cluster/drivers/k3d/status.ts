import { defined } from '../../../core/defined.ts';
import type { ClusterStatus } from '../../driver.ts';
import type { Facts } from './facts.ts';
import { isUsable, type Situation, type Verdict } from './verdict.ts';

/** Facts and verdict, in the words of `wt cluster status`. */
export function statusOf(facts: Facts, verdict: Verdict): ClusterStatus {
  const { situation, sentence, next } = verdict;
  return {
    state: states[situation] ?? (isUsable(verdict) ? 'running' : 'degraded'),
    parts: partsOf(facts),
    ...(situation === 'running' ? {} : { problem: next === undefined ? sentence : `${sentence}: ${next}` }),
  };
}

const states: Partial<Record<Situation, ClusterStatus['state']>> = { absent: 'absent', stopped: 'stopped' };

function partsOf({ engine, nodes, api }: Facts): ClusterStatus['parts'] {
  if (engine === undefined) return [{ name: 'Docker', state: 'absent' }];
  if (!engine.answers) return [{ name: 'Docker', state: 'does not answer', detail: engine.error }];
  return [
    { name: 'Docker', state: 'answers', detail: `${engine.version} on ${engine.system}` },
    ...nodes.map(({ name, state, image }) => ({ name, state, detail: image })),
    ...(api === undefined
      ? []
      : [
          {
            name: 'API server',
            state: api.answers ? 'answers' : 'does not answer',
            ...defined({ detail: api.error }),
          },
        ]),
  ];
}

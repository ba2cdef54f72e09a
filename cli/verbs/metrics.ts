import type { QueryAnswer } from '../../app/telemetry/metrics.ts';
import { CoppiceError } from '../../core/errors.ts';
import { value, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

const USUAL_TOKENS = 240;
const QUERY_TOKENS = 1_500;

export const metrics = verb({
  usage: 'metrics',
  summary: 'requests, errors, times, CPU and memory by service; compared with another environment',
  about:
    'Prints a row for each service: requests through the gateway (for a worker its activities), the share that failed, how long they took, CPU of a core, memory and restarts; then workflows. With --vs how far each figure is from the other environment’s. --query is PromQL, and sees this environment alone; with --since it prints the least, mean, most and last value of the period. Needs `telemetry: {}` in coppice.yaml. Changes nothing.',
  examples: [
    ['wt metrics', 'the last 15 minutes of this worktree'],
    ['wt metrics --vs main', 'beside the environment of main'],
    ["wt metrics --query 'topk(5, rate(http_requests_total[5m]))'", 'any metric of your own'],
  ],
  options: {
    vs: value('environment', 'branch, slug, path or app/slug of an environment to compare with'),
    query: value('promql', 'a query of your own'),
    since: value(
      'time',
      'how far back: 30s, 15m, 2h, 1d, or a time (default: 15m, or since the environment was created)',
    ),
    ...targetOptions,
  },
  run: async (_, { vs, query, since, ...named }, ports) => {
    if (vs !== undefined && query !== undefined) throw bothError();
    const [app, { periodSince }, show, { verbLine }] = await Promise.all([
      import('../../app/telemetry/metrics.ts'),
      import('../../app/telemetry/period.ts'),
      import('../ui/telemetry/metrics.ts'),
      import('../../app/target/verb-line.ts'),
    ]);
    const target = targetOf(named);
    const now = Date.now();
    const line = (name: string, ...words: readonly string[]) => verbLine(name, target, ...words);
    const period = since === undefined ? undefined : periodSince(since, now);
    if (query !== undefined) {
      const answer = await app.queryMetrics({ target, query, period }, ports);
      if (ports.json) return { json: await queryJson(answer), text: '' };
      return { json: undefined, text: show.queryText(answer, { tokens: QUERY_TOKENS, line, now }) };
    }
    const versus = vs === undefined ? undefined : targetOf({ env: vs, as: undefined });
    const found = await app.metricsOf({ target, versus, period }, ports);
    const text = ports.json ? '' : show.metricsText(found, { tokens: USUAL_TOKENS, line, now });
    return { json: show.metricsDocument(found), text };
  },
});

async function queryJson(answer: QueryAnswer): Promise<unknown> {
  const [{ queryDocument }, { boundedDocument }, { spill }, { parseFullName }] = await Promise.all([
    import('../ui/telemetry/metrics.ts'),
    import('../ui/telemetry/bounded.ts'),
    import('../../app/telemetry/spill.ts'),
    import('../../app/target/full-name.ts'),
  ]);
  const write = (text: string) => spill(parseFullName(answer.environment), 'metrics', text);
  return boundedDocument(queryDocument(answer), 'series', write);
}

function bothError(): CoppiceError {
  return new CoppiceError('COPPICE_USAGE', '--vs and --query exclude each other', {
    hint: 'wt metrics --query … --env main asks the other environment',
  });
}

import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { readFigures } from '../../../../servers/telemetry/figures.ts';
import type { Asker } from '../../../../servers/telemetry/reach.ts';

/** Every selector of a query, as Prometheus' own grammar finds them. */
function selectorsIn(query: string): string[] {
  const found: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, name, from, to }) => {
      expect(type.isError, `${query.slice(0, from)} ←`).toBe(false);
      if (name === 'VectorSelector') found.push(query.slice(from, to));
    },
  });
  return found;
}

test('every selector of what is asked for an environment has its namespace', async () => {
  const asked: string[] = [];
  const asker: Pick<Asker, 'json'> = {
    json: async (_, query) => {
      asked.push(String(query?.query));
      return { data: { resultType: 'vector', result: [] } };
    },
  };
  await readFigures(asker as Asker, 'wt-shop--main', { from: 0, to: 900_000 });
  const selectors = asked.flatMap(selectorsIn);
  expect(selectors.length).toBeGreaterThan(50);
  expect(selectors.filter((one) => !one.includes('k8s_namespace_name="wt-shop--main"'))).toEqual([]);
});

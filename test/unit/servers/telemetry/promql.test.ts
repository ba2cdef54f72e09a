import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confineQuery, isConfined } from '../../../../servers/telemetry/promql.ts';

const matcher = { label: 'k8s_namespace_name', value: 'wt-shop--feat-b' };
const own = 'k8s_namespace_name="wt-shop--feat-b"';
const confined = (query: string) => confineQuery(query, matcher);

test.each([
  ['up', `up{${own}}`],
  ['up{}', `up{${own}}`],
  ['up{ }', `up{${own} }`],
  ['up{job="a"}', `up{${own},job="a"}`],
  ['up{job="a",}', `up{${own},job="a",}`],
  ['{__name__=~".+"}', `{${own},__name__=~".+"}`],
  ['{"http.requests"}', `{${own},"http.requests"}`],
  ['rate(up[5m])', `rate(up{${own}}[5m])`],
  ['max_over_time(rate(up[1m])[1h:5m] offset 1d)', `max_over_time(rate(up{${own}}[1m])[1h:5m] offset 1d)`],
  ['a + on (x) group_left b', `a{${own}} + on (x) group_left b{${own}}`],
  ['a or vector(1) unless b', `a{${own}} or vector(1) unless b{${own}}`],
  ['count_values("v", a) by (x)', `count_values("v", a{${own}}) by (x)`],
  ['info(a, {data=~".+"})', `info(a{${own}}, {${own},data=~".+"})`],
  ['a # or b{x="}\n + c', `a{${own}} # or b{x="}\n + c{${own}}`],
  ['a{x="} or b{"}', `a{${own},x="} or b{"}`],
  ['sum', `sum{${own}}`],
  ['1 + 1', '1 + 1'],
])('%s gets the matcher on every selector', (query, expected) => {
  expect(confined(query)).toBe(expected);
});

test('a query that names another namespace keeps both matchers, so that it finds nothing', () => {
  expect(confined('up{k8s_namespace_name="wt-shop--main"}')).toBe(
    `up{${own},k8s_namespace_name="wt-shop--main"}`,
  );
});

test.each(['', 'up{', 'sum(', '1 +', 'up down', 'up{a="b"', 'up} or up{', 'up; drop', 'up{a="b" or c="d"}'])(
  'what is no PromQL is refused: %j',
  (query) => {
    expect(() => confined(query)).toThrow(/^--query is no PromQL at /);
  },
);

/** Expressions of every kind that has selectors below it. */
const { expression } = fc.letrec<{ expression: string; selector: string }>((tie) => ({
  selector: fc
    .tuple(
      fc.constantFrom('up', 'a:b:c', 'sum', 'rate', ''),
      fc.array(
        fc.constantFrom(
          'a="b"',
          'x!~".*"',
          '"q.u"="}"',
          "y='{'",
          'k8s_namespace_name="wt-shop--main"',
          'k8s_namespace_name=~".+"',
        ),
        { maxLength: 3 },
      ),
    )
    .map(([name, matchers]) => {
      if (name === '') return `{${['__name__="m"', ...matchers].join(',')}}`;
      return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
    }),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('selector'),
    tie('selector').map((selector) => `rate(${selector}[5m])`),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `sum by (a, k8s_namespace_name) (${inner})`),
    tie('expression').map((inner) => `max_over_time((${inner})[1h:1m])`),
    tie('expression').map((inner) => `label_replace(${inner}, "k8s_namespace_name", "x", "a", "(.*)")`),
    fc
      .tuple(tie('expression'), fc.constantFrom('+', 'or', 'and', 'unless', '> bool'), tie('expression'))
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
  ),
}));

test('no selector of any query stays without the matcher', () => {
  fc.assert(
    fc.property(expression, (query) => {
      const result = confined(query);
      let selectors = 0;
      parser.parse(result).iterate({
        enter: ({ name, node, type }) => {
          expect(type.isError).toBe(false);
          if (name !== 'VectorSelector') return;
          selectors += 1;
          const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
          expect(matchers.map(({ from, to }) => result.slice(from, to))).toContain(own);
        },
      });
      expect(selectors).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("what Prometheus' own parser read is looked at selector by selector", () => {
  const selector = (...matchers: object[]) => ({ type: 'vectorSelector', name: 'up', matchers });
  const ours = { name: matcher.label, type: '=', value: matcher.value };
  const sum = (...args: object[]) => ({ type: 'call', func: { name: 'rate' }, args });
  expect(isConfined(sum(selector(ours)), matcher)).toBe(true);
  expect(isConfined({ type: 'numberLiteral', val: '1' }, matcher)).toBe(true);
  expect(isConfined(sum(selector(ours), selector()), matcher)).toBe(false);
  expect(isConfined(selector({ ...ours, type: '=~' }), matcher)).toBe(false);
  expect(isConfined(selector({ ...ours, value: 'wt-shop--main' }), matcher)).toBe(false);
  expect(isConfined({ type: 'subquery', expr: { type: 'matrixSelector', matchers: [] } }, matcher)).toBe(
    false,
  );
});

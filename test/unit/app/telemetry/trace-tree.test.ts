import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TreeNode, treesOf } from '../../../../app/telemetry/trace-tree.ts';
import { span } from './spans.ts';

/** `a(b c(d))` */
function shape(nodes: readonly TreeNode[]): string {
  return nodes
    .map((node) => node.span.id + (node.children.length > 0 ? `(${shape(node.children)})` : ''))
    .join(' ');
}

function all(nodes: readonly TreeNode[]): TreeNode[] {
  const found = [...nodes];
  for (const node of found) found.push(...node.children);
  return found;
}

const critical = (nodes: readonly TreeNode[]) =>
  all(nodes)
    .filter((node) => node.critical)
    .map((node) => node.span.id)
    .sort()
    .join(' ');

test('spans hang below their parents, by start', () => {
  const spans = [
    span('late', { parent: 'root', start: 5 }),
    span('early', { parent: 'root', start: 1 }),
    span('root'),
    span('deep', { parent: 'early', start: 2 }),
  ];
  expect(shape(treesOf(spans))).toBe('root(early(deep) late)');
});

test('a span whose parent is not here begins a tree of its own, and says so', () => {
  const trees = treesOf([span('root'), span('lost', { parent: 'elsewhere', start: 3 })]);
  expect(trees.map(({ span: { id }, orphan }) => [id, orphan])).toEqual([
    ['root', false],
    ['lost', true],
  ]);
});

test('a circle of parents is opened, and a span that is its own parent is a root', () => {
  const circle = [
    span('a', { parent: 'c' }),
    span('b', { parent: 'a' }),
    span('c', { parent: 'b' }),
    span('self', { parent: 'self' }),
    span('below', { parent: 'b' }),
  ];
  const trees = treesOf(circle);
  expect(
    all(trees)
      .map((node) => node.span.id)
      .sort(),
  ).toEqual(['a', 'b', 'below', 'c', 'self']);
});

test('two spans of one id are both shown', () => {
  expect(
    shape(treesOf([span('x'), span('x', { start: 1, service: 'web' }), span('y', { parent: 'x' })])),
  ).toBe('x(y) x');
});

test('every span is shown once, whatever its parents are', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const spans = fc.array(
    fc.record({
      id: ids,
      parent: fc.option(ids, { nil: undefined }),
      start: fc.nat(20),
      duration: fc.nat(20),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(spans, (given) => {
      const made = given.map(({ id, parent, ...times }) =>
        span(id, parent === undefined ? times : { parent, ...times }),
      );
      const shown = all(treesOf(made)).map((node) => node.span);
      expect(new Set(shown)).toEqual(new Set(made));
      expect(shown).toHaveLength(made.length);
    }),
  );
});

test('a trace of 10,000 spans, each below the one before, has a tree', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    span(`s${index}`, index === 0 ? {} : { parent: `s${index - 1}`, start: index }),
  );
  const trees = treesOf(chain);
  expect(all(trees)).toHaveLength(10_000);
  expect(all(trees).every((node) => node.critical)).toBe(true);
});

test('the critical path goes from the end back through what ended last', () => {
  const trees = treesOf([
    span('root', { duration: 100 }),
    span('first', { parent: 'root', start: 0, duration: 30 }),
    span('beside', { parent: 'root', start: 0, duration: 20 }),
    span('second', { parent: 'root', start: 30, duration: 60 }),
    span('overlaps', { parent: 'root', start: 10, duration: 50 }),
    span('query', { parent: 'second', start: 40, duration: 45 }),
  ]);
  expect(critical(trees)).toBe('first query root second');
});

test('work that goes on after its parent has ended is on the path', () => {
  const trees = treesOf([
    span('POST /orders', { duration: 20 }),
    span('INSERT', { parent: 'POST /orders', start: 2, duration: 10 }),
    span('RunWorkflow', { parent: 'POST /orders', start: 15, duration: 400 }),
    span('chargeCard', { parent: 'RunWorkflow', start: 30, duration: 350 }),
  ]);
  expect(critical(trees)).toBe('INSERT POST /orders RunWorkflow chargeCard');
});

test('a long time on the path in which nothing below it ran is a gap', () => {
  const [root] = treesOf([
    span('root', { duration: 100 }),
    span('a', { parent: 'root', start: 5, duration: 15 }),
    span('b', { parent: 'root', start: 60, duration: 38 }),
  ]);
  expect(root?.gaps).toEqual([{ start: 20_000, duration: 40_000 }]);
});

test('neither a span without children nor one beside the path has gaps', () => {
  const trees = treesOf([
    span('root', { duration: 100 }),
    span('long', { parent: 'root', start: 0, duration: 100 }),
    span('beside', { parent: 'root', start: 0, duration: 90 }),
    span('inner', { parent: 'beside', start: 0, duration: 5 }),
  ]);
  expect(all(trees).flatMap(({ gaps }) => gaps)).toEqual([]);
});

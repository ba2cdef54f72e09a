import { expect, expectTypeOf, it } from 'vitest';
import { defined } from '../../../core/defined.ts';

it('removes keys whose value is undefined, and no others', () => {
  const object = { a: undefined, b: null, c: 0, d: '', e: false, f: 'x' };
  expect(Object.keys(defined(object))).toEqual(['b', 'c', 'd', 'e', 'f']);
});

it('returns optional keys for those that could be undefined, and keeps the others', () => {
  const given: { a: string | undefined; b: number } = { a: undefined, b: 1 };
  const wanted: { readonly a?: string; readonly b: number } = defined(given);
  expect(wanted).toEqual({ b: 1 });
  expectTypeOf(defined(given).b).toEqualTypeOf<number>();
});

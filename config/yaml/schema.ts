import type { z } from 'zod';
import type { Path } from './data.ts';

/** The keys that a schema knows at a place. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const allowed = schemasAt(schema, path).flatMap(alternativesOf);
  const { shape } = allowed.find((one) => one.shape !== undefined) ?? {};
  if (shape !== undefined) return Object.keys(shape);
  const { keyType } = allowed.find((one) => one.keyType !== undefined) ?? {};
  return keyType === undefined
    ? []
    : alternativesOf(keyType).flatMap(({ entries = {} }) => Object.keys(entries));
}

/** The schema of the value at a path; undefined if the schema does not know it. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  return schemasAt(schema, path)[0] as z.ZodType | undefined;
}

/** Whether text is allowed at a path, whatever else may be. */
export function acceptsText(schema: unknown): boolean {
  return alternativesOf(schema).some(
    ({ type, entries = {}, values = [] }) =>
      type === 'string' ||
      type === 'template_literal' ||
      [...Object.values(entries), ...values].some((value) => typeof value === 'string'),
  );
}

/** The schemas one step further down; several if a union allows several kinds of map or list. */
export function schemasInside(schema: unknown, step: string | number): unknown[] {
  return alternativesOf(schema).flatMap(({ shape, valueType, element }) => {
    if (typeof step === 'number') return element ?? [];
    if (shape !== undefined) return Object.hasOwn(shape, step) ? shape[step] : [];
    return valueType ?? [];
  });
}

function schemasAt(schema: unknown, path: Path): unknown[] {
  return path.reduce<unknown[]>(
    (schemas, step) => schemas.flatMap((one) => schemasInside(one, step)),
    [schema],
  );
}

/**
 * What zod 4 keeps in `def`: for objects, records, arrays, enums, literals; then for wrappers around another schema.
 */
interface Definition {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
  readonly in?: unknown;
}

/** Looks through `optional`, `default` and transformations, and into unions. */
function alternativesOf(schema: unknown): Definition[] {
  const definition = (schema as { def?: Definition } | undefined)?.def;
  if (definition === undefined) return [];
  const around = definition.innerType ?? definition.in;
  if (around !== undefined) return alternativesOf(around);
  return definition.options?.flatMap(alternativesOf) ?? [definition];
}

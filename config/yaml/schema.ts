import type { z } from 'zod';
import type { Path } from './data.ts';

/** The keys that a schema knows at a place. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const { shape, keyType } = definitionAt(schema, path);
  return Object.keys(shape ?? (keyType === undefined ? {} : (definitionOf(keyType).entries ?? {})));
}

/** The schema of what stands at a place; undefined where the schema knows nothing. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  const { shape, valueType, element } = definitionAt(schema, path.slice(0, -1));
  return (shape ? shape[path.at(-1) ?? ''] : (valueType ?? element)) as z.ZodType | undefined;
}

/** What zod 4 keeps in `def` of objects, records, arrays, enums and wrappers. */
interface Definition {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
}

function definitionAt(schema: unknown, path: Path): Definition {
  let definition = definitionOf(schema);
  for (const step of path) {
    const { shape, valueType, element } = definition;
    definition = definitionOf(shape ? shape[step] : (valueType ?? element));
  }
  return definition;
}

/** Looks through `optional` and `default`, and in a union at the map of it. */
function definitionOf(schema: unknown): Definition {
  const definition = (schema as { def?: Definition } | undefined)?.def ?? {};
  if (definition.innerType !== undefined) return definitionOf(definition.innerType);
  const options = definition.options?.map(definitionOf) ?? [];
  return options.find(({ shape }) => shape !== undefined) ?? definition;
}

import type { z } from 'zod';
import { isMap, type Path } from './data.ts';
import type { YamlFile } from './document.ts';
import { acceptsText, schemasInside } from './schema.ts';

/**
 * The data of a file, with the written text wherever the schema accepts text: to YAML `1.10` is the number 1.1 and
 * `true` is not a word. A field that accepts text and numbers gets text.
 */
export function withText({ data, textOf }: Pick<YamlFile, 'data' | 'textOf'>, schema: z.ZodType): unknown {
  return convert(data, [schema], []);

  function convert(value: unknown, schemas: readonly unknown[], path: Path): unknown {
    const inside = (item: unknown, step: string | number) =>
      convert(
        item,
        schemas.flatMap((one) => schemasInside(one, step)),
        [...path, step],
      );
    if (Array.isArray(value)) return value.map(inside);
    if (isMap(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inside(item, key)]));
    if (typeof value !== 'number' && typeof value !== 'boolean') return value;
    return schemas.some(acceptsText) ? (textOf(path) ?? value) : value;
  }
}

import { z } from 'zod';

/**
 * The schema of a profile in a file that itself follows `schema`: nothing is required and nothing has a default, at any
 * depth of maps, as the rest of the file supplies what a profile omits. Lists are whole.
 */
export function profilePart(schema: z.ZodType): z.ZodType {
  if (isWrapper(schema)) return profilePart(innerOf(schema));
  if (schema instanceof z.ZodObject) return partOfObject(schema);
  if (schema instanceof z.ZodUnion) {
    const options = (schema.options as z.ZodType[]).map(profilePart);
    return same(options, schema.options) ? schema : changed(schema, { options });
  }
  if (schema instanceof z.ZodRecord) {
    const valueType = profilePart(schema.valueType as z.ZodType);
    return valueType === schema.valueType ? schema : changed(schema, { valueType });
  }
  return schema;
}

function partOfObject(schema: z.ZodObject): z.ZodType {
  if (schema.def.checks?.length) throw new Error('a check of a whole map cannot judge the part in a profile');
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>);
  const parts = fields.map(([name, field]) => [name, partOfField(field)] as const);
  if (parts.every(([name, part]) => part === schema.shape[name])) return schema;
  return changed(schema, { shape: Object.fromEntries(parts) });
}

function partOfField(field: z.ZodType): z.ZodType {
  const part = profilePart(field);
  if (field instanceof z.ZodOptional && field.unwrap() === part) return field;
  const meta = isWrapper(field) ? field.meta() : undefined;
  return meta === undefined ? part.optional() : part.optional().meta(meta);
}

type Wrapper = z.ZodOptional<z.ZodType> | z.ZodDefault<z.ZodType> | z.ZodPrefault<z.ZodType>;

function isWrapper(schema: z.ZodType): schema is Wrapper {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
}

function innerOf(schema: Wrapper): z.ZodType {
  return schema.unwrap();
}

/** The same kind of schema with the same messages, but different content. */
function changed(schema: z.ZodType, inside: object): z.ZodType {
  const part = schema.clone({ ...schema.def, ...inside } as typeof schema.def);
  const { title, ...meta } = schema.meta() ?? {};
  return part.meta({ ...meta, ...(title === undefined ? {} : { title: `${title} in a profile` }) });
}

function same(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.every((one, index) => one === others[index]);
}

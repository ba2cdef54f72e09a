import { z } from 'zod';
import { fileSchema } from './spec.ts';

/** The JSON Schema of coppice.yaml as people write it, for editors: `schema/coppice.schema.json`. */
export function specJsonSchema(): unknown {
  return z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-2020-12' });
}

import { z } from 'zod';

/** The document of `wt logs --json`, as schema/logs.schema.json publishes it: the names stay, new ones may be added. */

const level = z.enum(['error', 'warn', 'info', 'debug', 'other']);

const totals = z.strictObject({
  total: z.int(),
  byLevel: z.strictObject({
    error: z.int(),
    warn: z.int(),
    info: z.int(),
    debug: z.int(),
    other: z.int().describe('lines whose weight neither their sender nor their words say'),
  }),
});

const group = z.strictObject({
  level,
  namespace: z.string(),
  service: z.string(),
  pattern: z
    .string()
    .describe('what the lines have in common: `<n>`, `<ip>`, `<uuid>`, `<hex>`, `<time>` vary'),
  count: z.int(),
  first: z.string().describe('RFC 3339'),
  last: z.string().describe('RFC 3339'),
  example: z.string().describe('the last of them, whole'),
  traceId: z.string().optional(),
});

const line = z.strictObject({
  time: z.string().describe('RFC 3339'),
  namespace: z.string(),
  service: z.string(),
  pod: z.string().optional(),
  level,
  text: z.string().describe('the message, and the error that came with it'),
  traceId: z.string().optional(),
  fields: z.record(z.string(), z.string()).describe('what else the app logged with it'),
});

export const logsDocument = z
  .strictObject({
    schema: z.literal(1),
    environment: z
      .strictObject({
        app: z.string(),
        slug: z.string(),
        namespace: z.string(),
        gone: z.boolean().describe('it is not there any more; what it logged still is'),
      })
      .optional()
      .describe('absent for all environments'),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    began: z.iso
      .datetime()
      .optional()
      .describe('creation of the environment, if the period begins before: earlier lines are of another one'),
    service: z.string().optional(),
    text: z.string().optional(),
    totals: totals.describe('of the whole period'),
    kept: z
      .strictObject({ from: z.iso.datetime(), totals })
      .optional()
      .describe('where the period has no line: what there is of a longer one'),
    matched: totals.optional().describe('of what was asked for; absent with --query'),
    groups: z.array(group).optional().describe('errors, then warnings, then the rest; the newest first'),
    lines: z.array(line).optional().describe('in the order of time'),
    rows: z
      .array(z.record(z.string(), z.string()))
      .optional()
      .describe('of --query, as the store answers them'),
    truncated: z.boolean().describe('there is more than this document holds'),
    file: z
      .string()
      .optional()
      .describe('absolute path of the whole document, where it is longer than 32 kB'),
  })
  .describe('what `wt logs --json` prints once there is a log store');

/** `schema/logs.schema.json`. */
export function logsJsonSchema(): unknown {
  return z.toJSONSchema(logsDocument, { io: 'output', target: 'draft-2020-12' });
}

export type LogsDocument = z.infer<typeof logsDocument>;

import { z } from 'zod';

/** The document of `wt errors --json`, as schema/errors.schema.json publishes it: the names stay, new ones may be added. */

const cause = z.strictObject({
  signal: z
    .enum(['state', 'up', 'workflow', 'trace', 'log'])
    .describe('where it was seen; `state`: of pods, routes and the environment, right now'),
  service: z.string().optional(),
  what: z.string(),
  count: z.int(),
  first: z.iso.datetime().optional().describe('absent for what is so right now'),
  last: z.iso.datetime().optional(),
  traceId: z.string().optional(),
  next: z.string().describe('the command to look closer'),
});

const suspect = z.strictObject({
  kind: z.enum(['slow', 'not-found', 'busy', 'away', 'redirect']),
  service: z.string(),
  what: z.string(),
  count: z.int(),
  next: z.string().describe('the command to look closer'),
});

export const errorsDocument = z
  .strictObject({
    schema: z.literal(1),
    app: z.string(),
    slug: z.string(),
    namespace: z.string(),
    state: z
      .string()
      .describe('as `wt status` has it; `gone`: it is not there any more, and what is stored was looked at'),
    since: z.iso.datetime().describe('the last `up`; of one that is gone, all that is kept'),
    to: z.iso.datetime(),
    lines: z.enum(['store', 'pods', 'none']).describe("where lines are from; `pods`: the pods' own logs"),
    unseen: z.array(z.string()).describe('signals that could not be asked, and why'),
    total: z.int().describe('causes that there are'),
    file: z.string().optional().describe('where the whole document is, when it is larger than 32 kB'),
    causes: z.array(cause).describe('what is so right now, then the newest first'),
    suspects: z.array(suspect).describe('what did not fail and may be why something does not work'),
  })
  .describe('what `wt errors --json` prints');
export type ErrorsDocument = z.infer<typeof errorsDocument>;

/** `schema/errors.schema.json`. */
export function errorsJsonSchema(): unknown {
  return z.toJSONSchema(errorsDocument, { io: 'output', target: 'draft-2020-12' });
}

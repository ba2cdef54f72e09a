import { z } from 'zod';
import { deleteAfterDefault } from '../lifetime.ts';

const sleepRule = 'must be never, or a time in minutes, hours or days, such as 30m or 4h';
const deleteRule = 'must be never, or a time in hours or days from 24h on, such as 7d';

export const lifetime = z
  .strictObject({
    sleepAfter: z
      .string({ error: sleepRule })
      .regex(/^(never|[1-9]\d{0,3}[mhd])$/, { error: sleepRule })
      .optional()
      .describe(
        '`wt gc` stops an environment that nobody touched for this time, in minutes (`30m`), hours or days; default: `never`.',
      ),
    // A shorter time would find idle what somebody left for the night.
    deleteAfter: z
      .string({ error: deleteRule })
      .regex(/^(never|(2[4-9]|[3-9]\d|[1-9]\d{2,3})h|[1-9]\d{0,3}d)$/, { error: deleteRule })
      .optional()
      .describe(
        `\`wt gc\` deletes a worktree and its environment that nobody touched for this time, in hours (\`48h\`) or days; default: \`${deleteAfterDefault}\`.`,
      ),
  })
  .meta({ title: 'Lifetime', description: 'When `wt gc` stops or deletes what nobody touches.' });

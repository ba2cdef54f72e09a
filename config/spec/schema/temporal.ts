import { z } from 'zod';
import { searchAttributeTypes } from '../search-attributes.ts';
import { secondsOf } from './values.ts';

const servers = ['platform', 'managed'] as const;
/** Long enough to look at yesterday's failure. */
const defaultRetention = '24h';
/** The server's minimum: https://github.com/temporalio/temporal/blob/v1.32.0/common/namespace/const.go */
const shortestSeconds = 3600;
const longestSeconds = 3650 * 86_400;

const retentionRule = 'must be a time in hours or days from 1h to 3650d, such as 24h or 7d';
const retention = z
  .string({ error: retentionRule })
  .regex(/^[1-9]\d{0,4}[hd]$/, { error: retentionRule })
  .refine((value) => secondsOf(value) >= shortestSeconds && secondsOf(value) <= longestSeconds, {
    error: retentionRule,
  })
  .describe('How long closed workflows are kept, in hours (`24h`) or days (`7d`).');

const attributeRule = 'must be at most 64 letters, digits and _, a letter first';
const searchAttributes = z
  .record(
    z
      .string()
      .max(64, { error: attributeRule })
      .regex(/^[A-Za-z][A-Za-z0-9_]*$/, { error: attributeRule }),
    z.enum(searchAttributeTypes),
  )
  .describe('Custom search attributes of its workflows: name and type.');

const server = z
  .enum(servers)
  .describe('`platform`: the server in the cluster; `managed`: one of your own, named in the settings.');

export const temporal = z
  .strictObject({
    server: server.default('platform'),
    retention: retention.default(defaultRetention),
    searchAttributes: searchAttributes.default({}),
  })
  .meta({ title: 'Temporal', description: 'A Temporal namespace of its own for every worktree.' });

export type TemporalSpec = z.infer<typeof temporal>;

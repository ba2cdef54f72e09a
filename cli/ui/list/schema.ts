import { z } from 'zod';
import { listedStates } from '../../../app/worktrees/list/item.ts';

/** The document of `wt list --json`, as schema/list.schema.json publishes it: the names stay, new ones may be added. */

const process = z
  .strictObject({
    pid: z.int(),
    name: z.string().describe('the agent: claude, codex'),
    command: z.string().describe('program and arguments'),
    folder: z.string().describe('absolute path of its working directory'),
    started: z.iso.datetime().optional(),
    callsUs: z.literal(true).optional().describe('it is the agent that called wt'),
  })
  .describe('a coding agent whose working directory is in the worktree');

const environment = z.strictObject({
  app: z.string(),
  slug: z.string(),
  state: z.enum(listedStates),
  reasons: z.array(z.string()).describe('why, one sentence each; empty for one that is simply up'),
  urls: z
    .array(z.strictObject({ service: z.string(), url: z.string() }))
    .describe("the primary service's first"),
  branch: z.string().optional().describe('at its last up'),
  worktree: z.string().optional().describe('absolute path, at its last up'),
  renamedTo: z.string().optional().describe('what its worktree is called now, while its own branch is gone'),
  database: z
    .strictObject({ engine: z.enum(['postgres', 'sqlite']), name: z.string() })
    .optional()
    .describe('name in PostgreSQL, or file of SQLite'),
  memoryBytes: z.number().optional().describe('that its pods use; absent where the node does not tell'),
});

const problem = z.strictObject({ code: z.string(), message: z.string(), hint: z.string().optional() });

const worktree = z.strictObject({
  kind: z.literal('worktree'),
  path: z.string().describe('absolute path of its top folder'),
  branch: z.string().nullable().describe('null when HEAD is detached'),
  name: z.string().describe('its branch, or what it is called without one'),
  head: z.string().nullable().describe('full sha; null before the first commit'),
  main: z.boolean(),
  current: z.boolean(),
  locked: z.string().optional().describe('why it is locked; empty without a reason; absent when it is not'),
  prunable: z.string().optional().describe('why git would forget it: usually its folder is gone'),
  operation: z.enum(['rebase', 'merge', 'cherry-pick', 'revert', 'bisect', 'am']).optional(),
  problem: problem.optional().describe('why git does not answer in it'),
  changes: z
    .strictObject({ staged: z.int(), modified: z.int(), untracked: z.int(), conflicted: z.int() })
    .nullable(),
  divergence: z
    .strictObject({ ahead: z.int(), behind: z.int() })
    .nullable()
    .optional()
    .describe('from the default branch; absent where there is none'),
  lastActivity: z.iso.datetime().nullable(),
  agents: z.array(process),
  environments: z.array(environment).optional().describe('absent where there is no cluster'),
});

const orphan = environment.extend({ kind: z.literal('environment') });
const item = z.discriminatedUnion('kind', [worktree, orphan]);

const repository = z.strictObject({
  path: z.string().describe("absolute path of git's common directory"),
  defaultBranch: z.string().nullable(),
  problem: problem.optional().describe('why git does not list its worktrees'),
});

const cluster = z
  .strictObject({ answers: z.boolean(), reason: z.string().optional(), hint: z.string().optional() })
  .describe('absent where there is no cluster');

const envelope = {
  schema: z.literal(1),
  collected: z.iso.datetime(),
  cluster: cluster.optional(),
};

const one = z.strictObject({ ...envelope, repository, items: z.array(item) });
const all = z.strictObject({
  ...envelope,
  repositories: z.array(z.strictObject({ repository, items: z.array(item) })),
});

export const listDocument = z.union([one, all]).describe('what `wt list --json` prints, and with --all');
export type ListDocument = z.infer<typeof one>;
export type AllDocument = z.infer<typeof all>;
export type ListItem = z.infer<typeof item>;

/** `schema/list.schema.json`. */
export function listJsonSchema(): unknown {
  return z.toJSONSchema(listDocument, { io: 'output', target: 'draft-2020-12' });
}

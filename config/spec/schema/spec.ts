import { z } from 'zod';
import { longestName, namePattern, reservedNames } from '../../../core/names.ts';
import { database } from './database.ts';
import { install } from './install.ts';
import { lifetime } from './lifetime.ts';
import { profilePart } from './profile-part.ts';
import { service } from './service.ts';
import { telemetry } from './telemetry.ts';
import { temporal } from './temporal.ts';
import { processText } from './values.ts';

export type { ServiceSpec } from './service.ts';
export { secondsOf } from './values.ts';

/** Sections that are designed but not implemented in this version: using one is not a typing mistake. */
export const notYet: readonly string[] = ['build'];

export const profileNames = ['local', 'preview'] as const;

const nameRule = `must be at most ${longestName} of a-z, 0-9 and single dashes, a letter first`;
const name = z
  .string({ error: nameRule })
  .max(longestName, { error: nameRule })
  .regex(namePattern, { error: nameRule })
  .refine((value) => !reservedNames.includes(value), {
    error: `must not be ${reservedNames.join(' or ')}, which is reserved`,
  });

const setup = z
  .array(processText.min(1, { error: 'must not be empty' }))
  .describe(
    'Commands for the host, run by `wt up` after asking, before pods start, when their result is not there.',
  );
const hook = (when: string) =>
  z
    .union([processText.min(1), z.array(processText.min(1)).min(1)], {
      error: 'must be a command or a list of commands, and not empty',
    })
    .optional()
    .describe(`Command, or a list of commands, that runs on this machine ${when}.`);
/** When a command of the repository may run on this machine, by name of the event. */
export const hookEvents = ['created', 'deleted', 'switched'] as const;
export type HookEvent = (typeof hookEvents)[number];
const hooks = z
  .strictObject({
    created: hook('once `wt create` has made a worktree, before its environment is brought up'),
    deleted: hook('when `wt delete` or `wt gc` removes a worktree'),
    switched: hook('when `wt switch` goes to a worktree'),
  } satisfies Record<HookEvent, unknown>)
  .describe('Commands for the host that a worktree needs, each run after asking once for its text.');
const carry = z
  .array(
    z
      .string()
      .min(1, { error: 'must not be empty' })
      .regex(/^[^\n\r\0]*$/, { error: 'must be one line' }),
  )
  .describe(
    'Ignored files that `wt create` copies into a new worktree: patterns as in .gitignore, relative to this folder.',
  );
const host = z
  .string()
  .describe(
    'Host of the primary service, built from {slug} and {app}; other services get their name in front of it.',
  );
const source = z
  .enum(['mount', 'image'])
  .describe(
    "Where a pod has the files from: this folder, live, or an image built from it; chosen by the cluster's place when absent.",
  );

const head = {
  version: z
    .literal(1, { error: 'must be 1, the only version of this file format' })
    .describe('Version of this file format: 1.'),
  name: name.describe('Name of the app; part of every host, namespace and stack name.'),
  hooks: hooks.optional(),
  carry: carry.optional(),
};
/** What a profile can override. */
const sections = {
  services: z.record(name, service).default({}).describe('The processes of the app, by name.'),
  database: database.optional(),
  temporal: temporal.optional(),
  telemetry: telemetry.optional(),
  setup: setup.default([]),
  install: install.optional(),
  host: host.optional(),
  source: source.optional(),
  lifetime: lifetime.optional(),
};

/** A spec with its profile applied: the input of plans. */
export const specSchema = z.strictObject({ ...head, ...sections });

const profile = profilePart(z.strictObject(sections)).meta({
  title: 'Profile',
  description: 'Laid over the rest of the file: maps are merged, lists replaced.',
});

/** The whole file. */
export const fileSchema = z
  .strictObject({
    ...head,
    ...sections,
    profiles: z
      .partialRecord(z.enum(profileNames), profile)
      .optional()
      .describe(
        'What differs where the environment runs: `local` on a laptop, `preview` for a pull request.',
      ),
  })
  .meta({ title: 'coppice.yaml', description: 'What an environment of this app is.' });

export type Spec = z.infer<typeof specSchema>;

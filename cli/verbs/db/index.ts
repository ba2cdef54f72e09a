import type { VerbGroup } from '../../define.ts';
import { fork } from './fork.ts';
import { list } from './list.ts';
import { psql } from './psql.ts';
import { refreshTemplate } from './refresh-template.ts';
import { reset } from './reset.ts';
import { restore } from './restore.ts';
import { snapshot } from './snapshot.ts';
import { snapshots } from './snapshots.ts';
import { status } from './status.ts';
import { undo } from './undo.ts';
import { url } from './url.ts';

/** Verbs for a worktree's database, run on this machine. */
export const db: VerbGroup = {
  name: 'db',
  summary: 'the database of an environment',
  about:
    'Every environment has a clone of a migrated and seeded template. Each verb works on the environment of this worktree; --env names another (branch, slug or path, or `app/slug` of any repository).',
  verbs: [url, psql, reset, snapshot, restore, snapshots, undo, list, refreshTemplate, status, fork],
};

import type { VerbGroup } from '../../define.ts';
import { list } from './list.ts';
import { show } from './show.ts';

/** Verbs for a worktree's Temporal namespace, run on this machine. */
export const workflows: VerbGroup = {
  name: 'workflows',
  summary: 'the workflows of an environment',
  about:
    "Every environment has its own Temporal namespace. Each verb works on this worktree's; --env names another (branch, slug or path, or `app/slug` of any repository). Without a verb it is `ls`.",
  usual: 'ls',
  verbs: [list, show],
};

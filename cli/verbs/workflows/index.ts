import type { VerbGroup } from '../../define.ts';
import { list } from './list.ts';
import { show } from './show.ts';

/** What runs in the Temporal namespace of a worktree, from this machine. */
export const workflows: VerbGroup = {
  name: 'workflows',
  summary: 'the workflows of an environment',
  about:
    'Every environment has a Temporal namespace of its own. Each verb works on the one of this worktree; --env names another. Without a verb it is `ls`.',
  usual: 'ls',
  verbs: [list, show],
};

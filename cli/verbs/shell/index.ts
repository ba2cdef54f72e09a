import type { VerbGroup } from '../../define.ts';
import { install } from './install.ts';
import { uninstall } from './uninstall.ts';

/** Verbs for the shell of this user. */
export const shell: VerbGroup = {
  name: 'shell',
  summary: 'let the shell change the folder, and complete',
  about:
    'A program cannot change the folder of the shell that started it. One line in the rc file defines a function `wt`, which runs the program and then goes where it says; Tab completes verbs, options, branches, services and more.',
  verbs: [install, uninstall],
};

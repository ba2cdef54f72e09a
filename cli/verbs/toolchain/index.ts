import type { VerbGroup } from '../../define.ts';
import { install } from './install.ts';
import { list } from './list.ts';

export const toolchain: VerbGroup = {
  name: 'toolchain',
  summary: 'the programs that coppice runs',
  about:
    'Each comes from the cache, from PATH when it fits, from its release, or from a package registry, in this order.',
  verbs: [list, install],
};

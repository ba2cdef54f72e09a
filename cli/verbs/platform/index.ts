import type { VerbGroup } from '../../define.ts';
import { down } from './down.ts';
import { status } from './status.ts';
import { up } from './up.ts';

export const platform: VerbGroup = {
  name: 'platform',
  summary: 'what all environments share: the gateway in front of them',
  about: 'One Pulumi stack per cluster. `wt up` brings it up by itself.',
  verbs: [up, down, status],
};

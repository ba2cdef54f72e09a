import { partFacts } from '../../../core/part-facts.ts';
import type { VerbGroup } from '../../define.ts';
import { down } from './down.ts';
import { status } from './status.ts';
import { up } from './up.ts';

const titles = Object.values(partFacts)
  .map(({ title }) => title)
  .join(', ');

export const platform: VerbGroup = {
  name: 'platform',
  summary: `what all environments share: ${titles}`,
  about: 'One Pulumi stack per cluster. `wt up` brings it up by itself.',
  verbs: [up, down, status],
};

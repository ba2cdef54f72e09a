import type { VerbGroup } from '../../define.ts';
import { migrate } from './migrate.ts';
import { reset } from './reset.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';

export const cluster: VerbGroup = {
  name: 'cluster',
  summary: 'the Kubernetes cluster on this machine',
  about:
    'The kind of cluster is the one that --driver names, else the one in config.yaml, else the one that exists already, else what suits this machine; `wt doctor` says why.',
  verbs: [start, stop, status, reset, migrate],
};

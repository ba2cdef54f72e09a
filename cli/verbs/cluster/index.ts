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
    'The kind of cluster comes from --driver, else from config.yaml, else from the existing cluster, else from what suits this machine; `wt doctor` shows the reason.',
  verbs: [start, stop, status, reset, migrate],
};

import type { VerbGroup } from '../../define.ts';
import { status } from './status.ts';

export const telemetry: VerbGroup = {
  name: 'telemetry',
  summary: 'what arrives of logs, metrics and traces',
  about: 'The stores of all environments. `telemetry: {}` in coppice.yaml brings them up with the platform.',
  usual: 'status',
  verbs: [status],
};

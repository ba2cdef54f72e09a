import { verb } from '../../define.ts';

export const status = verb({
  usage: 'status',
  summary: 'what arrives from whom, what was lost, and what fills the disks',
  about:
    'Prints what is wrong first: a service whose spans stopped while requests go on, what the Collector or a store dropped in the last hour, queues that are full. Then spans, requests and log lines per minute and series of each service of every environment, and disk and memory of the stores. Changes nothing. Ends with 1 when something is wrong.',
  examples: [['wt telemetry status', 'of every environment']],
  run: async () => {
    const [{ telemetryStatus }, { statusReport }] = await Promise.all([
      import('../../../app/telemetry/status.ts'),
      import('../../ui/telemetry/status.ts'),
    ]);
    const now = Date.now();
    return statusReport(await telemetryStatus(now), now);
  },
});

import { verb } from '../../define.ts';

export const status = verb({
  usage: 'status',
  summary: 'what arrives from whom, what was lost, and what fills the disks',
  about:
    'Prints what is wrong first: a service whose spans stopped while requests go on, what the Collector or a store dropped in the last hour, a Collector or store that does not answer, queues that are half full. Then spans, requests and log lines per minute and series of each service of every environment, and disk and memory of the stores. Changes nothing. Ends with 1 when something is wrong.',
  examples: [['wt telemetry status', 'of every environment']],
  run: async (_, __, ports) => {
    const [{ telemetryStatus }, { mostOfOthers, statusReport }, { boundedDocument }, { spill }] =
      await Promise.all([
        import('../../../app/telemetry/status.ts'),
        import('../../ui/telemetry/status.ts'),
        import('../../ui/telemetry/bounded.ts'),
        import('../../../app/telemetry/spill.ts'),
      ]);
    const now = Date.now();
    const report = statusReport(await telemetryStatus(now), now);
    if (!ports.json) return report;
    const write = (text: string) => spill(undefined, 'telemetry-status', text);
    return { ...report, json: await boundedDocument(report.json, 'arrivals', write, mostOfOthers) };
  },
});

import type { PlatformStatus } from '../../../app/platform/status.ts';
import { ExitCode } from '../../../core/errors.ts';
import { type Result, verb } from '../../define.ts';
import { table } from '../../ui/table.ts';

export const status = verb({
  usage: 'status',
  summary: 'what the platform consists of and whether it answers',
  about: 'Changes nothing. Ends with 1 when it is not up.',
  run: async () => {
    const { platformStatus } = await import('../../../app/platform/status.ts');
    const found = await platformStatus();
    return found === undefined ? notUpReport : platformReport(found);
  },
});

const notUpReport: Result = {
  text: 'the platform is not up\n  try: wt platform up',
  json: { state: 'absent', services: [], routes: [] },
  exitCode: ExitCode.problem,
};

function platformReport({ ready, services, routes, port }: PlatformStatus): Result {
  const rows = [
    ...services.map(({ name, state, reason }) => [name, state, reason ?? '']),
    ...routes.map(({ host, path, ready, reason }) => [
      `http://${host}${path}`,
      ready ? 'ready' : 'failing',
      reason ?? '',
    ]),
  ];
  return {
    text: [`the platform is ${ready ? 'up' : 'not ready'}, port ${port}`, table(rows, '  ')].join('\n'),
    json: { state: ready ? 'up' : 'failing', port, services, routes },
    exitCode: ready ? ExitCode.ok : ExitCode.problem,
  };
}

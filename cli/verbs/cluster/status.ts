import { defined } from '../../../core/defined.ts';
import { ExitCode } from '../../../core/errors.ts';
import { verb } from '../../define.ts';
import { table } from '../../ui/table.ts';
import { driver } from './driver.ts';

export const status = verb({
  usage: 'status',
  summary: 'the parts of the cluster and their state',
  about: 'Changes nothing. Ends with 3 when the cluster does not run.',
  options: { driver },
  run: async (_, { driver: named }, ports) => {
    const { chosenDriver } = await import('../../../app/clusters/clusters.ts');
    const { driver, reason } = await chosenDriver(ports, named);
    const { state, parts, problem } = await driver.status();
    const rows = parts.map(({ name, state, detail }) => [name, state, detail ?? '']);
    return {
      text: [
        `${driver.name} cluster: ${state} (${reason})`,
        ...(rows.length === 0 ? [] : [table(rows, '  ')]),
        ...(problem === undefined ? [] : [problem]),
      ].join('\n'),
      json: { driver: driver.name, reason, state, parts, ...defined({ problem }) },
      exitCode: state === 'running' ? ExitCode.ok : ExitCode.unreachable,
    };
  },
});

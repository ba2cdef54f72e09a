import type { DatabaseList } from '../../../app/databases/list.ts';
import type { Inventory } from '../../../servers/postgres/inventory.ts';
import { type Result, verb } from '../../define.ts';

export const list = verb({
  usage: 'list',
  summary: 'all databases: age, template, strategy, sessions, size',
  about:
    'Shows what the files of each database would take on their own. Blocks that databases share count for each of them, so the last line says how much of the file system is really in use. Changes nothing.',
  run: async (_, __, ports) => {
    const [{ listDatabases }, { listing }] = await Promise.all([
      import('../../../app/databases/list.ts'),
      import('../../ui/databases.ts'),
    ]);
    return listReport(await listDatabases(ports), (found) => listing(found, Date.now()));
  },
});

/**
 * The platform's server, and below it the managed one if the settings name one.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function listReport(
  { platform, managed }: DatabaseList,
  reportOf: (found: Inventory) => Result,
): Result {
  const own = platform && reportOf(platform);
  const other = managed && reportOf(managed);
  return {
    text: [
      ...(own ? [own.text] : []),
      ...(own && other ? ['the managed server'] : []),
      ...(other ? [other.text] : []),
    ].join('\n\n'),
    json: { ...(own?.json as object | undefined), ...(other && { managed: other.json }) },
  };
}

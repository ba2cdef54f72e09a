import { randomUUID } from 'node:crypto';
import { dropDatabase } from '../servers/postgres/clones/drop.ts';
import { ensureDatabase } from '../servers/postgres/clones/ensure.ts';
import { startTestServer, testOwner } from '../test/servers/postgres/harness.ts';
import { median, report, timed } from './measure.ts';
import { pgbenchTemplate, runPostgres, settle } from './pgbench.ts';

const runs = 9;
const sizes = { '8 MB': 0, '160 MB': 10, '1.5 GB': 100 };
const postgres = await startTestServer({ volume: { fileSystem: 'ext4', mebibytes: 12_288 } });
const series: Record<string, { unit: 'ms'; runs: number[] }> = {};
const strategies: Record<string, unknown> = {};
try {
  const server = await postgres.connect();
  for (const [size, scale] of Object.entries(sizes)) {
    const app = `bench${scale}`;
    const { request, template } = await pgbenchTemplate(server, app, scale);
    const ours: number[] = [];
    const createdb: number[] = [];
    for (let index = 0; index < runs; index++) {
      const owner = testOwner(`run-${index}`, app);
      const name = `wt_${app}__run_${index}`;
      const work = {
        run: () => Promise.reject(new Error('nothing to run')),
        signal: new AbortController().signal,
      };
      ours.push(
        await timed(async () => {
          const { mark } = await ensureDatabase(
            server,
            { name, password: randomUUID(), owner, template: request },
            work,
          );
          strategies[size] = {
            strategy: mark.strategy,
            bytes: template.mark.bytes,
            files: template.mark.files,
          };
        }),
      );
      createdb.push(
        await timed(() => runPostgres('createdb', ['-T', template.name, 'plain'], postgres.login)),
      );
      await dropDatabase(server, { name, owner });
      await server.query('DROP DATABASE plain');
      await settle(server);
    }
    series[`ensureDatabase ${size}`] = { unit: 'ms', runs: ours };
    series[`createdb -T ${size}`] = { unit: 'ms', runs: createdb };
  }
  await server.close();
} finally {
  await postgres.remove();
}

const of = (name: string) => median(series[name]?.runs ?? []);
report({
  name: 'database-copy',
  method:
    'A database with its role and rights from a template that is there, by ensureDatabase of a server on a journalled ext4 loop image (no reflink, fsync on), against `createdb -T` of the same template in the same run; alternating, the disk synced in between.',
  series,
  reach: [
    {
      what: '160 MB without reflink / createdb -T',
      value: of('ensureDatabase 160 MB') / of('createdb -T 160 MB'),
      bound: 0.5,
    },
  ],
  details: { strategies },
});

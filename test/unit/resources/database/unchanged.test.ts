import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Kube } from '../../../../cluster/kube/client.ts';
import type { DatabaseInputs } from '../../../../resources/database/contract.ts';
import { databaseInputs } from '../../../../resources/database/inputs.ts';
import { commandsInCluster } from '../../../../resources/database/run-command.ts';
import { unchangedDump, whileUnchanged } from '../../../../resources/database/unchanged.ts';
import type { CommandRun, DumpText } from '../../../../servers/postgres/types.ts';
import { planOf, record, shop } from '../../../golden/plans.ts';

const files = ['db/1.sql', 'db/migrate.js', 'db/seed.sql', 'prod.dump'] as const;
const text = (path: string) => `the text of ${path}`;
const digest = (path: string) => ({ path, sha256: createHash('sha256').update(text(path)).digest('hex') });
const plan = planOf(
  `${shop}database:
  migrate: { command: node db/migrate.js, inputs: ["db/**"] }
  seed: { command: psql -f db/seed.sql, inputs: [db/seed.sql] }
  from: { dump: prod.dump }
`,
  {
    databaseFiles: {
      migrations: [digest('db/1.sql')],
      tools: [digest('db/migrate.js')],
      seed: [digest('db/seed.sql')],
      dump: digest('prod.dump'),
    },
  },
);

let folder: string;
let inputs: DatabaseInputs;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-unchanged-'));
  mkdirSync(join(folder, 'db'));
  for (const path of files) writeFileSync(join(folder, path), text(path));
  const made = databaseInputs(plan, record);
  if (!made) throw new Error('the plan has no database');
  inputs = { ...made, folder };
});
afterEach(() => rmSync(folder, { recursive: true }));

const edit = (path: string) => writeFileSync(join(folder, path), 'something else');
const refusal = (path: string) => ({
  code: 'COPPICE_FILE_CHANGED',
  message: expect.stringContaining(path),
});

describe.each([
  ['migrate', 'db/1.sql'],
  ['migrate', 'db/migrate.js'],
  ['seed', 'db/seed.sql'],
] as const)('%s', (kind, path) => {
  test(`runs when ${path} is as the plan says, whatever became of the files of the others`, async () => {
    const others = { migrate: 'db/seed.sql', seed: 'prod.dump' };
    edit(others[kind]);
    const command = vi.fn(async () => {});
    await whileUnchanged(inputs, kind, command);
    expect(command).toHaveBeenCalledOnce();
  });

  test(`does not begin with another ${path}`, async () => {
    edit(path);
    const command = vi.fn(async () => {});
    await expect(whileUnchanged(inputs, kind, command)).rejects.toMatchObject(refusal(path));
    expect(command).not.toHaveBeenCalled();
  });

  test(`fails when ${path} is changed or removed meanwhile`, async () => {
    const changing = whileUnchanged(inputs, kind, async () => edit(path));
    await expect(changing).rejects.toMatchObject(refusal(path));
    writeFileSync(join(folder, path), text(path));
    const removing = whileUnchanged(inputs, kind, async () => rmSync(join(folder, path)));
    await expect(removing).rejects.toMatchObject(refusal(path));
  });

  test(`starts no Job with another ${path}`, async () => {
    edit(path);
    const where = { inputs, address: { host: 'postgres.coppice.svc', port: 5432 }, ssl: false };
    const run: CommandRun = {
      kind,
      database: 'build_shop__1',
      user: 'build_shop__1',
      password: 'x',
      session: '',
      signal: new AbortController().signal,
    };
    // A cluster that would fail with another error.
    await expect(commandsInCluster({} as Kube, where)(run)).rejects.toMatchObject(refusal(path));
  });
});

test('migrate fails when a migration appears that is not in the plan', async () => {
  const adding = whileUnchanged(inputs, 'migrate', async () =>
    writeFileSync(join(folder, 'db/2.sql'), 'new'),
  );
  await expect(adding).rejects.toMatchObject(refusal('db/2.sql'));
  const command = vi.fn(async () => {});
  await expect(whileUnchanged(inputs, 'migrate', command)).rejects.toMatchObject(refusal('db/2.sql'));
  expect(command).not.toHaveBeenCalled();
});

describe('a file that the command writes itself', () => {
  const command = (path: string) => async () => {
    mkdirSync(join(folder, 'db/out'), { recursive: true });
    writeFileSync(join(folder, path), 'what the command wrote');
  };

  test('is said to be that, with what to change in coppice.yaml', async () => {
    const written = whileUnchanged(inputs, 'migrate', command('db/dump.txt'));
    await expect(written).rejects.toMatchObject({
      code: 'COPPICE_FILE_CHANGED',
      message: expect.stringContaining('db/dump.txt was written by the command'),
      hint: expect.stringMatching(/`inputs`.*`generated: \[db\/dump.txt\]`/),
    });
  });

  test('goes through when its name says what it is, or the spec does', async () => {
    await whileUnchanged(inputs, 'migrate', command('db/schema.sql'));
    await whileUnchanged(inputs, 'migrate', command('db/schema.sql'));
    const { migrate } = inputs.database;
    if (!migrate) throw new Error('the plan has no migrations');
    const marked = {
      ...inputs,
      database: { ...inputs.database, migrate: { ...migrate, ignored: ['db/out/x.txt'] } },
    };
    await whileUnchanged(marked, 'migrate', command('db/out/x.txt'));
  });

  test('is no excuse for a numbered migration', async () => {
    const written = whileUnchanged(inputs, 'migrate', command('db/1.sql'));
    await expect(written).rejects.toMatchObject({ hint: 'run it once more' });
  });
});

test('an image of the app has its own files, but no dump', async () => {
  for (const path of files) edit(path);
  const built: DatabaseInputs = { ...inputs, source: { kind: 'image' } };
  const command = vi.fn(async () => {});
  await whileUnchanged(built, 'migrate', command);
  await whileUnchanged(built, 'seed', command);
  expect(command).toHaveBeenCalledTimes(2);
  await expect(unchangedDump(built, dumpText([]))).rejects.toMatchObject(refusal('prod.dump'));
});

describe('a dump', () => {
  const read = async (dump: DumpText) => {
    for await (const _ of dump.chunks);
  };

  test('is read when it is as the plan says', async () => {
    await read(await unchangedDump(inputs, dumpText(['SELECT 1;'])));
  });

  test('is not opened when it is another one, and is closed', async () => {
    edit('prod.dump');
    const close = vi.fn(async () => {});
    const dump = { ...dumpText([]), close };
    await expect(unchangedDump(inputs, dump)).rejects.toMatchObject(refusal('prod.dump'));
    expect(close).toHaveBeenCalledOnce();
  });

  test('fails at its end when it was changed during the run', async () => {
    const dump = await unchangedDump(inputs, dumpText(['SELECT 1;']));
    edit('prod.dump');
    await expect(read(dump)).rejects.toMatchObject(refusal('prod.dump'));
  });
});

function dumpText(chunks: string[]): DumpText {
  async function* bytes() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  return { path: 'prod.dump', origin: 'text', chunks: bytes(), close: async () => {} };
}

import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDatabaseFiles, watchedFiles } from '../../../../config/files/database.ts';
import type { DatabaseFiles, PostgresPlan } from '../../../../config/plan/environment-plan.ts';
import { planEnvironment } from '../../../../config/plan/plan.ts';
import { loadSpec, parseSpec } from '../../../../config/spec/load.ts';
import { partsOf, resolveAroundSecrets } from '../../../../config/spec/references/secret-text.ts';
import { databaseInputs } from '../../../../resources/database/inputs.ts';
import { identity, record } from '../../../golden/plans.ts';
import { messagesIn, problemsIn } from '../spec/problems-in.ts';

const head = 'version: 1\nname: shop\n';
const api = 'services:\n  api: { runtime: node, command: node api.js, port: 4000 }\n';
const migrate = 'migrate: { command: node db/migrate.js, inputs: ["db/*.sql"] }';

describe('the spec of a database', () => {
  test.each([
    ['nothing but its presence', 'database: {}'],
    [
      'everything',
      `database: { ${migrate}, seed: db/seed.sql, from: { dump: /d/prod.dump, mask: db/mask.sql }, extensions: [pgcrypto], server: managed }`,
    ],
    ['a dump by a command', 'database: { from: { dump: { command: pg_dump shop } } }'],
    ['a seed by a command', 'database: { seed: { command: node seed.js, inputs: [seed.js], timeout: 90s } }'],
    ['a file', 'database: { engine: sqlite, file: data/dev.db }'],
  ])('may be %s', (_, database) => {
    expect(messagesIn(`${head}${api}${database}\n`)).toEqual([]);
  });

  test.each([
    ['database: { migrat: {} }', 'unknown key migrat in database', 'migrat'],
    ['database: { migrate: { command: m } }', 'database.migrate.inputs is missing', 'migrate'],
    ['database: { seed: ../seed.sql }', 'database.seed must be a path below this folder', '../seed.sql'],
    [
      'database: { seed: { command: m, inputs: [a], tmeout: 1s } }',
      'unknown key tmeout in database.seed',
      'tmeout',
    ],
    [
      'database: { from: { dump: ~/prod.dump } }',
      'must be a path below this folder or an absolute one',
      '~/prod.dump',
    ],
    ['database: { from: { mask: m.sql } }', 'database.from.dump is missing', 'from'],
    ['database: { engine: mysql }', 'must be one of postgres, sqlite', 'mysql'],
    ['database: { engine: sqlite }', 'engine sqlite needs a file', 'sqlite'],
    ['database: { engine: sqlite, file: a.db, seed: s.sql }', 'seed is only for engine postgres', 'seed'],
    ['database: { file: a.db }', 'file is only for engine sqlite', 'file'],
    ['database: { extensions: [PGcrypto] }', 'must be the name of an extension', 'PGcrypto'],
    [
      'database: { migrate: { command: m, inputs: [a], runtime: node, image: a/b } }',
      'migrate has both',
      'a/b',
    ],
    [
      'database: { migrate: { command: m, inputs: [a], env: { A: "${services.ap.url}" } } }',
      'there is no service ap',
      '${services.ap.url}',
    ],
    [
      'database: { migrate: { command: m, inputs: [a], env: { COPPICE_X: "1" } } }',
      'names starting with COPPICE_ are reserved',
      'COPPICE_X',
    ],
    [
      'database: { migrate: { command: m, inputs: [a], timeout: 90 } }',
      'must be a time such as 90s or 5m',
      '90',
    ],
  ])('%s is refused where it stands', (database, message, underlined) => {
    const problems = problemsIn(`${head}${api}${database}\n`);
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
    const [{ source, column, length }] = problems as [(typeof problems)[0]];
    expect(source.slice(column - 1, column - 1 + length)).toContain(underlined);
  });

  test('a command that could run in nothing is refused', () => {
    expect(messagesIn(`${head}database: { ${migrate} }\n`)).toEqual([
      'migrate has no service whose runtime or image it could run in',
    ]);
  });

  test('without a database nothing may refer to it', () => {
    const text = (database: string) =>
      `${head}services: { api: { image: a/b, env: { URL: "\${database.url}" } } }\n${database}`;
    expect(messagesIn(text(''))).toEqual(['${database.url}: there is no database']);
    expect(messagesIn(text('database: {}\n'))).toEqual([]);
    expect(messagesIn(text('database: { engine: sqlite, file: a.db }\n'))).toEqual([
      '${database.url} is not known',
    ]);
  });

  test("telemetry's readers may not see it", () => {
    const env = '{ OTEL_RESOURCE_ATTRIBUTES: "db=${database.url}" }';
    expect(messagesIn(`${head}services: { api: { image: a/b, env: ${env} } }\ndatabase: {}\n`)).toEqual([
      expect.stringContaining('may not refer to the database'),
    ]);
  });

  test('a profile may change a part of it', () => {
    const profiles = 'profiles: { preview: { database: { server: managed, migrate: { timeout: 30s } } } }\n';
    const text = `${head}${api}database: { ${migrate} }\n${profiles}`;
    const { database } = parseSpec(text, { file: 'coppice.yaml', profile: 'preview' });
    expect(database).toMatchObject({ server: 'managed', migrate: { timeout: '30s', inputs: ['db/*.sql'] } });
  });
});

const files: DatabaseFiles = {
  migrations: [{ path: 'db/1.sql', sha256: '1' }],
  tools: [{ path: 'db/migrate.js', sha256: 't' }],
  seed: [{ path: 'db/seed.sql', sha256: 's' }],
};
const plan = (database: string, services = api, databaseFiles = files) =>
  planEnvironment(parseSpec(`${head}${services}database: ${database}\n`, { file: 'coppice.yaml' }), {
    identity,
    specFolder: identity.worktree,
    profile: 'local',
    httpPort: 80,
    runtimes: record.images,
    mountPath: '/',
    databaseFiles,
  });
const postgres = (database: string, services?: string) => plan(database, services).database as PostgresPlan;

describe('the plan of a database', () => {
  test('has names that PostgreSQL does not need to quote, within 63 characters', () => {
    expect(postgres('{}')).toMatchObject({ name: 'wt_shop__feat_login', owner: 'shop_owner' });
    const longest = planEnvironment(
      parseSpec(`version: 1\nname: ${'a-'.repeat(9)}bc\ndatabase: {}\n`, { file: 'coppice.yaml' }),
      {
        identity: { ...identity, branch: 'x'.repeat(99) },
        specFolder: identity.worktree,
        profile: 'local',
        httpPort: 80,
        runtimes: {},
        mountPath: '/',
      },
    );
    expect((longest.database as PostgresPlan).name).toMatch(/^[a-z0-9_]{63}$/);
  });

  test('without any field has nothing to run', () => {
    expect(plan('{}', api, undefined).database).toEqual({
      engine: 'postgres',
      server: 'platform',
      name: 'wt_shop__feat_login',
      owner: 'shop_owner',
      extensions: [],
    });
  });

  test.each([
    ['of the only service', 'services: { a: { image: a/b } }\n', 'a/b'],
    [
      'of the primary service',
      'services: { z: { image: a/b, port: 1, primary: true }, a: { image: c/d } }\n',
      'a/b',
    ],
    [
      'of the first with a runtime',
      'services: { a: { image: a/b, port: 1 }, w: { runtime: node, command: w } }\n',
      record.images.node,
    ],
  ])('runs commands in the image %s', (_, services, image) => {
    expect(postgres(`{ ${migrate} }`, services).migrate?.image).toBe(image);
  });

  test('keeps what only the cluster knows out of the public variables', () => {
    const env =
      '{ URL: "${database.url}?x=1", NAME: shop, ALL: "$${a} ${environment.slug} ${database.name}" }';
    const [service] = plan('{}', `services:\n  api: { image: a/b, env: ${env} }\n`).services;
    expect(service?.env).toMatchObject({ NAME: 'shop' });
    expect(Object.keys(service?.env ?? {})).not.toContain('URL');
    expect(service?.secretEnv).toEqual({
      URL: '${database.url}?x=1',
      ALL: '$${a} feat-login ${database.name}',
    });
  });

  test('changes the inputs of its resource, which contain no password and no contents', () => {
    const made = plan(`{ ${migrate}, seed: db/seed.sql }`);
    const inputs = databaseInputs(made, { ...record, mountPath: '/', postgres: { port: 15432 } });
    expect(inputs).toMatchObject({
      cluster: record.uid,
      server: { kind: 'platform', port: 15432 },
      namespace: 'wt-shop--feat-login',
      folder: identity.worktree,
      database: made.database,
    });
    expect(JSON.stringify(inputs)).not.toMatch(/password|BEGIN/i);
  });

  test('on a managed server requires its address in the settings', () => {
    const made = plan('{ server: managed }');
    expect(() => databaseInputs(made, record)).toThrow(
      expect.objectContaining({ code: 'COPPICE_MANAGED_DATABASE' }),
    );
    expect(databaseInputs(made, record, { url: { env: 'ADMIN_URL' } })?.server).toEqual({
      kind: 'managed',
      url: { env: 'ADMIN_URL' },
    });
  });
});

describe('text around references to the database', () => {
  const table = new Map<string, string | undefined>([
    ['environment.branch', '${database.url}'],
    ['database.url', undefined],
    ['database.host', undefined],
    ['database.port', undefined],
    ['database.name', undefined],
  ]);

  test.each([
    ['${database.url}', [{ secret: 'database', key: 'url' }]],
    [
      'a${ database.host }:${database.port}b',
      [
        { text: 'a' },
        { secret: 'database', key: 'host' },
        { text: ':' },
        { secret: 'database', key: 'port' },
        { text: 'b' },
      ],
    ],
    [
      '$${database.url} ${database.name}',
      [{ text: '${' }, { text: 'database.url} ' }, { secret: 'database', key: 'name' }],
    ],
    ['no reference', [{ text: 'no reference' }]],
  ])('%s is distinguished from them', (value, parts) => {
    expect(partsOf(resolveAroundSecrets(value, table))).toEqual(parts);
  });

  test('the value of another reference is plain text', () => {
    const parts = partsOf(resolveAroundSecrets('${environment.branch} ${database.name}', table));
    expect(parts.filter((part) => 'key' in part)).toEqual([{ secret: 'database', key: 'name' }]);
  });
});

describe('the files of a database', () => {
  let folder: string;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const read = async (database: string, options?: Parameters<typeof readDatabaseFiles>[1]) => {
    write('coppice.yaml', `${head}${api}database: ${database}\n`);
    return readDatabaseFiles(await loadSpec(join(folder, 'coppice.yaml')), options);
  };
  const paths = (found: readonly { path: string }[] | undefined) => found?.map(({ path }) => path);
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-files-')));
    for (const name of ['2.sql', '10.sql', '1.sql', 'seed.sql', 'mask.sql', 'migrate.js'])
      write(`db/${name}`, name);
    write('package-lock.json', '{}');
    write('db/node_modules/x/1.sql', 'theirs');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const all =
    '{ migrate: { command: node ./db/migrate.js up, inputs: ["db/**"] }, seed: db/seed.sql, from: { dump: db/2.sql, mask: db/mask.sql } }';

  test('are migrations except for what the commands name, seed, mask and dump', async () => {
    const found = await read(all);
    expect(paths(found?.migrations)).toEqual(['db/1.sql', 'db/10.sql']);
    expect(paths(found?.tools)).toEqual(['db/migrate.js', 'package-lock.json']);
    expect(paths(found?.seed)).toEqual(['db/seed.sql']);
    expect(found).toMatchObject({ dump: { path: 'db/2.sql' }, mask: { path: 'db/mask.sql' } });
  });

  test.each([
    ['node db/seed.js', ['db/1.sql', 'package-lock.json']],
    ['npm run seed', ['db/1.sql', 'package-lock.json', 'package.json']],
    ['cd . && pnpm seed', ['db/1.sql', 'package-lock.json', 'package.json']],
  ])('of a seed by `%s` are its inputs and what decides its effect', async (command, expected) => {
    write('package.json', '{}');
    const found = await read(`{ seed: { command: "${command}", inputs: [db/1.sql] } }`);
    expect(paths(found?.seed)).toEqual(expected);
  });

  test("of a migrate command in package.json's scripts count that file as a tool, and not as a migration", async () => {
    write('package.json', '{}');
    const found = await read('{ migrate: { command: npm run migrate, inputs: ["*.json", "db/1.sql"] } }');
    expect(paths(found?.tools)).toEqual(['package-lock.json', 'package.json']);
    expect(paths(found?.migrations)).toEqual(['db/1.sql']);
  });

  test('are identified by their content', async () => {
    const before = await read(all);
    expect(before?.migrations[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    write('db/1.sql', 'edited');
    const after = await read(all);
    expect(after?.migrations[0]?.sha256).not.toBe(before?.migrations[0]?.sha256);
    expect(after?.migrations[1]).toEqual(before?.migrations[1]);
  });

  test('that are missing are reported all at once, where the spec names them', async () => {
    const broken = '{ migrate: { command: m, inputs: ["nowhere/*.sql"] }, seed: db/sed.sql }';
    await expect(read(broken)).rejects.toMatchObject({
      code: 'COPPICE_SPEC',
      problems: [
        expect.objectContaining({ message: 'no file here matches nowhere/*.sql', line: 5 }),
        expect.objectContaining({ message: 'there is no file db/sed.sql', line: 5 }),
      ],
    });
  });

  test('that are directories are refused', async () => {
    await expect(read('{ from: { dump: db, mask: db } }')).rejects.toMatchObject({
      problems: [
        expect.objectContaining({ message: 'db is a directory, and not a file' }),
        expect.objectContaining({ message: 'db is a directory, and not a file' }),
      ],
    });
  });

  test.each(['db/nightly', './db/nightly/'])(
    'are of a dump that pg_dump wrote as the directory %s those in it, by name and content, and no migrations',
    async (path) => {
      write('db/nightly/toc.dat', 'contents');
      write('db/nightly/1.dat.gz', 'rows');
      const spec = `{ from: { dump: ${path} }, migrate: { command: psql -f db/1.sql, inputs: ["db/**"] } }`;
      const before = await read(spec);
      expect(before?.dump).toEqual({ path: 'db/nightly', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(paths(before?.migrations)?.filter((name) => name.includes('nightly'))).toEqual([]);
      write('db/nightly/1.dat.gz', 'Rows');
      const edited = await read(spec);
      write('db/nightly/2.dat.gz', '');
      const added = await read(spec);
      const hashes = [before, edited, added].map((files) => files?.dump?.sha256);
      expect(new Set(hashes).size).toBe(3);
    },
  );

  test('may not lead out of the folder, where a pod would not find them', async () => {
    symlinkSync('/etc/passwd', join(folder, 'db/3.sql'));
    await expect(read('{ migrate: { command: m, inputs: ["db/*.sql"] } }')).rejects.toMatchObject({
      problems: [expect.objectContaining({ message: 'db/3.sql leads out of this folder' })],
    });
  });

  test('of a command that creates a dump are its output', async () => {
    write('kept.dump', 'rows');
    const dumpOf = () => join(folder, 'kept.dump');
    const found = await read('{ from: { dump: { command: pg_dump shop } } }', { dumpOf });
    expect(found?.dump).toMatchObject({ path: join(folder, 'kept.dump') });
  });

  test('that are big are read once and then identified by size and time', async () => {
    write('big.dump', 'x'.repeat(5 * 2 ** 20));
    const known = new Map<string, string>();
    const digests = {
      read: async (key: string) => known.get(key),
      write: async (key: string, sha256: string) => void known.set(key, sha256),
    };
    const first = await read('{ from: { dump: big.dump } }', { digests });
    expect([...known.values()]).toEqual([first?.dump?.sha256]);
    for (const key of known.keys()) known.set(key, 'remembered');
    expect((await read('{ from: { dump: big.dump } }', { digests }))?.dump?.sha256).toBe('remembered');
    utimesSync(join(folder, 'big.dump'), 1, 1);
    expect((await read('{ from: { dump: big.dump } }', { digests }))?.dump?.sha256).toBe(first?.dump?.sha256);
  });

  test('to check later are patterns and paths, so that a new file counts', async () => {
    const { database } = parseSpec(`${head}${api}database: ${all}\n`, { file: 'coppice.yaml' });
    const watched = watchedFiles(database);
    expect(watched.patterns).toEqual(['db/**']);
    expect(watched.files).toEqual(
      expect.arrayContaining(['db/migrate.js', 'package-lock.json', 'db/seed.sql', 'db/2.sql']),
    );
    const seeded = parseSpec(
      `${head}${api}database: { seed: { command: npm run seed, inputs: [db/1.sql] } }\n`,
      {
        file: 'coppice.yaml',
      },
    );
    expect(watchedFiles(seeded.database).files).toEqual(
      expect.arrayContaining(['package-lock.json', 'package.json']),
    );
  });
});

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseInputs } from '../../../../resources/database/inputs.ts';
import { restoreScript } from '../../../../resources/database/restore-script.ts';
import { jobRequest } from '../../../../resources/database/run-command.ts';
import type { CommandRun } from '../../../../servers/postgres/types.ts';
import { ensurePrograms } from '../../../../toolchain/toolchain.ts';
import { planOf, record, shop } from '../../../golden/plans.ts';

const digest = (path: string) => ({ path, sha256: 'a'.repeat(64) });
const plan = planOf(
  `${shop}database:
  migrate: { command: node db/migrate.js, inputs: ["db/*.sql"], env: { DB: "\${database.url}", MODE: "$5" } }
  from: { dump: prod.dump }
`,
  { databaseFiles: { migrations: [digest('db/1.sql')], tools: [], seed: [], dump: digest('prod.dump') } },
);
const cluster = { ...record, mountPath: '/host', images: { ...record.images, postgres: 'postgres:18' } };
const inputs = databaseInputs(plan, cluster);
if (!inputs) throw new Error('the plan has no database');
const where = { inputs, address: { host: 'postgres.coppice.svc', port: 5432 }, ssl: false };
const run = (kind: CommandRun['kind']): CommandRun => ({
  kind,
  database: 'build_shop__1',
  user: 'build_shop__1',
  password: 'geheim',
  session: `coppice-${kind}-1`,
  signal: AbortSignal.timeout(1_000),
});

describe("one of the app's commands", () => {
  const job = jobRequest(where, run('migrate'), 'migrate-1', '');

  test("gets the database that is being built, not the environment's", () => {
    expect(job.secret).toMatchObject({
      url: 'postgres://build_shop__1:geheim@postgres.coppice.svc:5432/build_shop__1',
      host: 'postgres.coppice.svc',
      port: '5432',
      name: 'build_shop__1',
      password: 'geheim',
    });
    const names = job.variables.filter(({ valueFrom }) => valueFrom).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['DATABASE_URL', 'PGHOST', 'PGDATABASE', 'PGPASSWORD']));
  });

  test('has its password only in a Secret', () => {
    const { secret: _, signal: __, ...rest } = job;
    expect(JSON.stringify(rest)).not.toContain('geheim');
  });

  test('names its sessions, so that they can be ended when it is stopped', () => {
    expect(job.variables).toContainEqual({ name: 'PGAPPNAME', value: 'coppice-migrate-1' });
  });

  test('gets its own variables, with references to the database filled in by the node', () => {
    expect(job.variables).toContainEqual({ name: 'MODE', value: '$$5' });
    expect(job.variables).toContainEqual({ name: 'DB', value: '$(COPPICE_DATABASE_URL)' });
  });

  test('runs as the owner of the worktree, on its files, without git', () => {
    expect(job.user).toEqual({ uid: 1000, gid: 1000 });
    expect(job.workingDir).toBe('/app');
    expect(job.mounts).toEqual([
      { name: 'app', mountPath: '/app' },
      { name: 'no-git', mountPath: '/app/.git', readOnly: true, subPath: 'empty' },
    ]);
    expect(job.volumes).toContainEqual({
      name: 'no-git',
      secret: { secretName: 'migrate-1', items: [{ key: 'empty', path: 'empty' }] },
    });
    expect(job.secret.empty).toBe('');
  });

  test('is named as in the spec', () => {
    expect(job.what).toBe('migrate of shop (node db/migrate.js)');
  });
});

describe('a restore', () => {
  test('sees the dump and no other file of this machine', () => {
    const job = jobRequest(where, run('restore'), 'restore-1', '/data/prod.dump');
    expect(job.image).toBe('postgres:18');
    expect(job.volumes.filter(({ hostPath }) => hostPath)).toEqual([
      { name: 'dump', hostPath: { path: '/host/data/prod.dump', type: 'File' } },
    ]);
    expect(job.mounts.find(({ name }) => name === 'dump')?.readOnly).toBe(true);
  });

  test('needs nodes that see the dump', () => {
    const { mountPath: _, ...elsewhere } = inputs;
    expect(() => jobRequest({ ...where, inputs: elsewhere }, run('restore'), 'r', '/d')).toThrow(
      expect.objectContaining({ code: 'COPPICE_DUMP' }),
    );
  });
});

/** With programs that record their input instead of PostgreSQL's; test/servers/postgres has the real ones. */
describe.each(['the awk of this machine', 'BusyBox'])('the restore script with %s', (awk) => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coppice-restore-'));
    if (awk === 'BusyBox') {
      const { busybox } = await ensurePrograms(['busybox']);
      for (const name of ['awk', 'sed', 'od', 'tr', 'gzip']) symlinkSync(busybox.path, join(folder, name));
    }
    program('psql', `cat > ${folder}/sql`);
    program('pg_restore', `echo "$@" >> ${folder}/calls; [ "$1" != --list ] || cat ${folder}/contents`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const program = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const restore = (dump: string | Buffer) => {
    writeFileSync(join(folder, 'dump'), dump);
    const env = { PATH: `${folder}:${process.env.PATH}`, DUMP: join(folder, 'dump'), PGDATABASE: 'shop' };
    const script = restoreScript.replaceAll('/tmp/', `${folder}/`);
    execFileSync('sh', ['-c', script], { env, stdio: 'pipe' });
  };
  const sql = () => readFileSync(join(folder, 'sql'), 'utf8');
  const plain = `CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
COMMENT ON EXTENSION citext IS 'x';
CREATE TABLE t (a text);
ALTER TABLE public.t OWNER TO somebody;
COPY public.t (a) FROM stdin;
GRANT Street;
ALTER TABLE x OWNER TO y;
\\.
GRANT ALL ON TABLE t TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO b;
SELECT 1;
`;
  const restored = `CREATE TABLE t (a text);
COPY public.t (a) FROM stdin;
GRANT Street;
ALTER TABLE x OWNER TO y;
\\.
SELECT 1;
`;

  test('leaves out owners, grants and extensions of a plain dump, and no row', () => {
    restore(plain);
    expect(sql()).toBe(restored);
  });

  test('does the same with a dump that gzip compressed', () => {
    restore(gzipSync(plain));
    expect(sql()).toBe(restored);
  });

  test.each([
    ['a function', 'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $_$', '$_$;'],
    ['a string of many lines', "INSERT INTO t VALUES ('it''s -- $$ /* \"", "');"],
    ['a string with escapes', "INSERT INTO t VALUES (E'it\\'s", "');"],
    ['a string after a name with a dollar', "INSERT INTO a$b$ VALUES ('", "');"],
    ['a name', 'CREATE TABLE "', '" (a int);'],
    ['a comment', "/* it's /* nested */", '*/'],
  ])('keeps what looks like a grant in %s', (_, begin, end) => {
    const inside = `GRANT ALL ON TABLE t TO readers;\nALTER TABLE x OWNER TO y;\nCREATE EXTENSION z;\nCOPY t FROM stdin;\n`;
    const text = `${begin}\n${inside}${end}\n`;
    restore(
      `${text}GRANT ALL ON TABLE t TO readers;\nALTER TABLE x OWNER TO "a b";\nSELECT 1; -- it's\n${text}`,
    );
    expect(sql()).toBe(`${text}SELECT 1; -- it's\n${text}`);
  });

  test('leaves out all of a comment on an extension, but no default that looks like an owner', () => {
    const kept = "ALTER TABLE t ALTER COLUMN a SET DEFAULT ' OWNER TO x';\n";
    restore(`COMMENT ON EXTENSION citext IS 'two\nlines';\n${kept}`);
    expect(sql()).toBe(kept);
  });

  const header = '--\n-- PostgreSQL database dump\n--\n\n\\restrict a\n\n';
  const trailer = '--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict a\n\n';

  test('keeps a complete dump of pg_dump unchanged', () => {
    restore(`${header}SELECT 1;\n${trailer}`);
    expect(sql()).toBe(`${header}SELECT 1;\n${trailer}`);
  });

  test.each([
    ['between two statements', `${header}SELECT 1;\n`, /^\n;SELECT the_dump_is_cut_short;\n$/m],
    ['in a COPY', 'COPY t (a) FROM stdin;\nrow\n', /^row\n\n\\\.\n;SELECT the_dump_is_cut_short;\n$/m],
    ['in a string', "INSERT INTO t VALUES ('a", /^INSERT .*'a\n\n'\n;SELECT the_dump_is_cut_short;\n$/m],
    ['in a function', 'AS $$\nBEGIN\n', /^BEGIN\n\n\$\$\n;SELECT the_dump_is_cut_short;\n$/m],
  ])(
    'ends a plain dump that was truncated %s with a statement that no server accepts',
    (_, dump, expected) => {
      restore(dump);
      expect(sql()).toMatch(expected);
    },
  );

  test('ends a truncated compressed dump with a statement that no server accepts', () => {
    const noise = Array.from({ length: 2_000 }, (_, row) => `${Math.sin(row)}`).join('\n');
    restore(gzipSync(`COPY t (a) FROM stdin;\n${noise}\n\\.\n`).subarray(0, 9_000));
    expect(sql()).toMatch(/\n\\\.\n;SELECT the_dump_is_cut_short;\n$/);
  });

  test("passes a dump in PostgreSQL's own format to pg_restore, without the extensions in it", () => {
    const contents =
      '5; 1 2 EXTENSION - citext \n6; 0 0 COMMENT - EXTENSION citext \n7; 1 3 TABLE public t ann\n';
    writeFileSync(join(folder, 'contents'), contents);
    restore('PGDMP and so on');
    expect(readFileSync(join(folder, 'list'), 'utf8')).toBe('7; 1 3 TABLE public t ann\n');
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain(
      '--no-owner --no-privileges --exit-on-error',
    );
  });
});

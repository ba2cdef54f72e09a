import type { DatabaseCommandPlan, FileDigest, PostgresPlan } from '../../../config/plan/environment-plan.ts';
import { defined } from '../../../core/defined.ts';
import { sha256 } from '../../../core/hash.ts';
import type { SqlSeed, TemplateRequest } from '../types.ts';

/** Content of the files that a plan lists by digest and whose SQL the server itself runs. */
export interface TemplateTexts {
  readonly mask?: string | Buffer;
  /** Of a seed of kind `sql`. */
  readonly seed?: string | Buffer;
  /** Of its further files. */
  readonly moreSeeds?: readonly (string | Buffer)[];
}

/**
 * The inputs of a template. The hash covers everything that decides the result, and nothing in which two
 * environments of one commit differ, so that they share it. `major` is the server's version: major versions
 * restore the same dump differently.
 */
export function templateRequest(
  app: string,
  plan: PostgresPlan,
  major: number,
  texts: TemplateTexts = {},
): TemplateRequest {
  const { owner, extensions, from, migrate, seed } = plan;
  const dump = from && { dump: from.dump.sha256, mask: from.mask?.sha256 };
  // Those made before materialised views were masked too have real rows in them.
  const masked = from?.mask && 'with materialised views';
  const source = { major, app, owner, extensions: [...extensions].sort(), dump, masked };
  const seeding =
    seed && (seed.kind === 'sql' ? sqlIdentity(seed) : { ...command(seed), files: sorted(seed.files) });
  const complete = {
    ...source,
    migrate: migrate && { ...command(migrate), files: [migrate.migrations, migrate.tools].map(sorted) },
    seed: seeding,
  };
  const base = {
    ...source,
    migrate: migrate && { ...command(migrate), files: sorted(migrate.tools) },
    seed: seeding,
  };
  return {
    app,
    owner,
    extensions,
    ...(from && {
      dump: { identity: from.dump.sha256, ...defined({ mask: texts.mask }) },
    }),
    ...(migrate && {
      migrations: migrate.migrations,
      rules: defined({ tool: migrate.tool, ignored: migrate.ignored }),
      baseHash: hashOf({ stage: 'base', ...base }),
    }),
    ...(seed && {
      seed: seed.kind === 'sql' ? sqlSeed(seed, texts) : { kind: 'command' },
    }),
    hash: hashOf(complete),
    sourceHash: hashOf({ stage: 'source', ...source }),
  };
}

type SqlSeedPlan = Extract<PostgresPlan['seed'], { kind: 'sql' }>;

/** That of one file is its hash alone, as it was before there could be several. */
function sqlIdentity({ sha256, more }: SqlSeedPlan): string | string[] {
  return more === undefined ? sha256 : [sha256, ...more.map((file) => file.sha256)];
}

function sqlSeed({ path, more }: SqlSeedPlan, { seed = '', moreSeeds = [] }: TemplateTexts): SqlSeed {
  const others = more?.map((file, at) => ({ path: file.path, text: moreSeeds[at] ?? '' }));
  return { kind: 'sql', path, text: seed, ...defined({ more: others }) };
}

function command({ image, command: argv, env, secretEnv }: DatabaseCommandPlan): object {
  return { image, argv, env: Object.entries({ ...env, ...secretEnv }).sort() };
}

function sorted(files: readonly FileDigest[]): string[] {
  return files.map(({ path, sha256 }) => `${path} ${sha256}`).sort();
}

/** 16 hexadecimal digits: 64 bits, short enough for a name. */
function hashOf(value: object): string {
  return sha256(JSON.stringify(value), 16);
}

import { createHash, randomBytes } from 'node:crypto';

/** Bytes of a name in PostgreSQL (NAMEDATALEN - 1): it cuts what is longer, without an error. */
export const longestIdentifier = 63;

/**
 * Names of databases that are ours. They are for people: what a database is, is said by its comment (mark.ts).
 * The longest here is 44 bytes (`build_` + 20 + `__` + 16).
 */
export function templateName(app: string, hash: string): string {
  return `tpl_${underscored(app)}__${hash}`;
}

/** A restored and masked dump, before the app's migrations. */
export function sourceName(app: string, hash: string): string {
  return `src_${underscored(app)}__${hash}`;
}

/** What a template is called, and who it belongs to, until it is complete. */
export function buildName(app: string, hash: string): string {
  return `build_${underscored(app)}__${hash}`;
}

export function snapshotName(): string {
  return `snap_${randomBytes(8).toString('hex')}`;
}

/** Beginnings of the names above and of environments' databases (`wt_shop__feat_login`). */
export const prefixes = ['wt_', 'tpl_', 'src_', 'build_', 'snap_'] as const;

/** Key of an advisory lock for a name: locks are numbers of 64 bits, as text because JavaScript's are not. */
export function lockKey(name: string): string {
  const digest = createHash('sha256').update(`coppice ${name}`).digest();
  return digest.readBigInt64BE(0).toString();
}

function underscored(name: string): string {
  return name.replaceAll('-', '_');
}

import { createHash, randomBytes } from 'node:crypto';

/** Maximum bytes of a name in PostgreSQL (NAMEDATALEN - 1): longer names are truncated without an error. */
export const longestIdentifier = 63;

/**
 * Names of our databases. They are for people: the comment on a database (mark.ts) says what it is. The
 * longest is 44 bytes (`build_` + 20 + `__` + 16).
 */
export function templateName(app: string, hash: string): string {
  return `tpl_${underscored(app)}__${hash}`;
}

/** A restored and masked dump, before the app's migrations. */
export function sourceName(app: string, hash: string): string {
  return `src_${underscored(app)}__${hash}`;
}

/** Name and owner of a template until it is complete. */
export function buildName(app: string, hash: string): string {
  return `build_${underscored(app)}__${hash}`;
}

export function snapshotName(): string {
  return `snap_${randomBytes(8).toString('hex')}`;
}

/** Prefixes of the names above and of environments' databases (`wt_shop__feat_login`). */
export const prefixes = ['wt_', 'tpl_', 'src_', 'build_', 'snap_'] as const;

/** Key of an advisory lock for a name: a 64-bit integer, as text because a JavaScript number is too small. */
export function lockKey(name: string): string {
  const digest = createHash('sha256').update(`coppice ${name}`).digest();
  return digest.readBigInt64BE(0).toString();
}

function underscored(name: string): string {
  return name.replaceAll('-', '_');
}

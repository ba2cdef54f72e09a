import type { KeptLeftover, Leftover, ResolvedLeftover } from '../sweep.ts';

const kinds: Readonly<Record<Leftover['kind'], string>> = {
  database: 'database',
  template: 'template',
  role: 'role',
  folder: 'folder',
  namespace: 'Temporal namespace',
};

/** One line: `database wt_shop__old: there is no environment shop/old`. */
export function leftoverText({ kind, name, why }: Leftover): string {
  return `${kinds[kind]} ${name}: ${why}`;
}

/** `removed database wt_shop__old: there is no environment shop/old` */
export function resolvedText(leftover: ResolvedLeftover): string {
  return `${leftover.action} ${leftoverText(leftover)}`;
}

/** `role wt_shop__old: it has no database; stays: it has open sessions` */
export function keptText(leftover: KeptLeftover): string {
  return `${leftoverText(leftover)}; stays: ${leftover.reason}`;
}

import { quote } from '../../../core/shell.ts';
import type { DeleteOptions } from './options.ts';
import { type Risk, type RiskKind, riskFlags } from './risks.ts';

/** The command that accepts these risks beside those that were accepted already. */
export function continueLine(
  name: string,
  risks: readonly Pick<Risk, 'kind'>[],
  { accepted, keepBranch, keepData, skipHooks, purge, yes }: DeleteOptions,
): string {
  const kinds = new Set<RiskKind>([...accepted, ...risks.map(({ kind }) => kind)]);
  const given = [
    ...(keepBranch ? ['--keep-branch'] : []),
    ...(keepData ? ['--keep-data'] : []),
    ...(skipHooks ? ['--skip-hooks'] : []),
    ...(purge ? ['--purge'] : []),
    ...(yes ? ['--yes'] : []),
  ];
  const flags = Object.entries(riskFlags).flatMap(([kind, flag]) =>
    kinds.has(kind as RiskKind) ? [flag] : [],
  );
  return ['wt delete', quote(name, 'posix'), ...flags, ...given].join(' ');
}

import {
  branchCandidates,
  type Candidate,
  environmentCandidates,
  worktreeCandidates,
} from '../../app/shell/git-candidates.ts';
import type { Expected } from './expected.ts';

/** Whether the shell offers these words, or files or folders of its own. */
export interface Offer {
  readonly kind: 'words' | 'files' | 'folders';
  readonly candidates: readonly Candidate[];
}

const words = (candidates: readonly Candidate[]): Offer => ({ kind: 'words', candidates });

/** What exists and begins with what is typed. Nothing that takes long is loaded for what git alone knows. */
export async function candidatesOf(expected: Expected, typed: string): Promise<Offer> {
  const { kind, candidates } = expected;
  if (candidates.length > 0) return words(candidates);
  if (typeof kind !== 'string') return words(kind.map((word) => ({ word })));
  switch (kind) {
    case 'nothing':
      return words([]);
    case 'files':
    case 'folders':
      return { kind, candidates: [] };
    case 'environment':
    case 'worktree':
    case 'branch':
    case 'any branch':
      // `./`, `../b`, `/…`, `~/…`: a worktree can be named by its path.
      if (/^[./~]/.test(typed)) return { kind: 'folders', candidates: [] };
      return words(await fromGit[kind](process.cwd(), typed));
    case 'service':
    case 'snapshot':
    case 'workflow':
    case 'deleted':
    case 'program': {
      const slow: typeof import('./slow-candidates.ts') = await import(slowCandidates());
      return words(await slow.slowCandidates(kind, expected.environment, process.cwd()));
    }
  }
}

const fromGit = {
  environment: environmentCandidates,
  worktree: worktreeCandidates,
  branch: (cwd: string, typed: string) => branchCandidates(cwd, typed, { remote: false }),
  'any branch': (cwd: string, typed: string) => branchCandidates(cwd, typed, { remote: true }),
};

/** Beside the bundles of the verbs, whose parts it shares; this file's own bundle has only what every Tab needs. */
function slowCandidates(): string {
  return new URL('../cli/slow-candidates.js', import.meta.url).href;
}

import type { Here } from '../../app/worktrees/list/here.ts';
import { environmentName } from '../../core/names.ts';
import { type Result, verb } from '../define.ts';
import { table } from '../ui/table.ts';

/** What `wt` says without a verb; it has no name of its own. */
export const here = verb({
  usage: '',
  summary: 'this worktree in a few lines, and what may come next',
  about: 'Changes nothing.',
  run: async (_, _options, ports) => {
    const { isInRepository, worktreeHere } = await import('../../app/worktrees/list/here.ts');
    const found = await worktreeHere(ports);
    if (found === undefined) return (await isInRepository(ports.cwd)) ? inRepository : outside;
    return report(found, ports.json ? await import('../ui/list/document.ts') : undefined, await words());
  },
});

const words = () => import('../ui/list/lines.ts');

const outside = nowhere('This folder is in no git worktree.', ['wt --help', 'wt list --all']);
const inRepository = nowhere('This is a repository, and no worktree of it.', ['wt list', 'wt create BRANCH']);

function nowhere(where: string, next: readonly string[]): Result {
  // The beginning of the help.
  const what = 'Every git worktree becomes a running environment of its own.';
  return {
    text: `${what}\n${where}\n  try: ${next.join('\n       ')}`,
    json: { schema: 1, repository: null, next },
  };
}

type Words = Awaited<ReturnType<typeof words>>;
type Documents = typeof import('../ui/list/document.ts');

function report(
  found: Here,
  documents: Documents | undefined,
  { changesText, divergenceText }: Words,
): Result {
  const { repository, worktree, defaultBranch, silence, next } = found;
  const { name, path, detached, operation, changes, divergence, environments = [], problem } = worktree;
  const apart = divergence ? divergenceText(divergence.ahead, divergence.behind) : '';
  const rows = [
    ['worktree', path],
    ['changes', changes ? changesText(changes) || 'none' : `unknown${problem ? `: ${problem.message}` : ''}`],
    ...(defaultBranch === undefined || defaultBranch === name || !divergence
      ? []
      : [[`to ${defaultBranch}`, apart || 'the same commit']]),
    ...environments.flatMap(({ app, slug, state, reasons, urls }) => [
      [environmentName(app, slug), [state, urls[0]?.url, reasons[0]].filter(Boolean).join('  ')],
    ]),
    ...(silence && environments.length === 0 ? [['cluster', silence.reason]] : []),
  ];
  const title = [name, ...(detached ? ['detached'] : []), ...(operation ? [operation] : [])].join(', ');
  return {
    text: [title, table(rows, '  '), `  try: ${next.join('\n       ')}`].join('\n'),
    json: documents && {
      schema: 1,
      repository: { path: repository, defaultBranch: defaultBranch ?? null },
      worktree: documents.worktreeItem(worktree),
      next,
    },
  };
}

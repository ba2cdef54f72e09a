import type { Listing } from '../../app/worktrees/list/item.ts';
import { ExitCode } from '../../core/errors.ts';
import { flag, type Result, type VerbPorts, verb } from '../define.ts';
import type { ListView } from '../ui/list/lines.ts';

export const list = verb({
  usage: 'list',
  summary: 'worktrees with their changes, and the state, URL and database of their environments',
  about: `Changes nothing. Shows what git knows at once, in a terminal, and the rest as it becomes known. Works in any git repository; states are there once there is a cluster. \`*\` is the current worktree; changes are \`+\` staged, \`~\` modified, \`?\` untracked and \`!\` in conflict; \`↑\` and \`↓\` count commits that only it, or only the default branch, has; the age is that of the last commit, checkout or edit. Below the table stands why an environment is not simply up; --verbose shows all reasons. Ends with 0 whatever state they are in, and with 1 outside of a repository.`,
  examples: [
    ['wt list', 'the worktrees of this repository'],
    ['wt list --all', 'those of every repository on this machine that coppice knows'],
    ['wt list --json', 'everything, by the schema in schema/list.schema.json'],
  ],
  options: { all: flag('every repository that has an environment, or in which worktrees were listed') },
  run: (_, { all }, ports) => (all ? listEverything(ports) : listHere(ports)),
});

async function listHere(ports: VerbPorts): Promise<Result> {
  const [{ listRepository }, show] = await Promise.all([
    import('../../app/worktrees/list/list.ts'),
    shownIn(ports),
  ]);
  try {
    const listing = await listRepository(ports.cwd, ports, (sofar) => show.draw([sofar], false));
    return {
      json: ports.json && (await documents()).listDocumentOf(listing, new Date().toISOString()),
      text: show.last([listing], false) || 'no worktrees yet: wt create BRANCH',
      exitCode: ExitCode.ok,
    };
  } finally {
    show.close();
  }
}

async function listEverything(ports: VerbPorts): Promise<Result> {
  const [{ listAll }, show] = await Promise.all([import('../../app/worktrees/list/all.ts'), shownIn(ports)]);
  try {
    const listings = await listAll(ports, (sofar) => show.draw(sofar, true));
    return {
      json: ports.json && (await documents()).allDocumentOf(listings, new Date().toISOString()),
      text:
        listings.length === 0
          ? 'no repository is known yet; `wt list` in one remembers it'
          : show.last(listings, true),
      exitCode: ExitCode.ok,
    };
  } finally {
    show.close();
  }
}

function documents() {
  return import('../ui/list/document.ts');
}

/** Draws lists in place where a terminal can. */
interface Shown {
  readonly draw: (listings: readonly Listing[], grouped: boolean) => void;
  /** The whole, in the end. */
  readonly last: (listings: readonly Listing[], grouped: boolean) => string;
  readonly close: () => void;
}

async function shownIn({ cwd, verbose, json, streams, env }: VerbPorts): Promise<Shown> {
  const { stdout } = streams;
  const draws = !json && stdout.isTTY && stdout.columns && stdout.rows && env.TERM !== 'dumb';
  const [{ listLines }, live] = await Promise.all([
    import('../ui/list/lines.ts'),
    draws ? import('../ui/list/live.ts').then(({ LiveLines }) => new LiveLines(stdout)) : undefined,
  ]);
  const width = () => (stdout.isTTY && stdout.columns ? stdout.columns : undefined);
  const linesOf = (listings: readonly Listing[], grouped: boolean, loading: boolean) => {
    const view: ListView = { cwd, now: Date.now(), width: width(), verbose, loading };
    return listings.flatMap((listing, at) => {
      const lines = listLines(listing, view);
      return grouped ? [...(at > 0 ? [''] : []), titleOf(listing), ...lines] : lines;
    });
  };
  return {
    draw: (listings, grouped) => live?.show(() => linesOf(listings, grouped, true)),
    last: (listings, grouped) => linesOf(listings, grouped, false).join('\n'),
    close: () => live?.close(),
  };
}

/** A repository is known by the folder that holds `.git`. */
function titleOf({ repository, worktrees, orphans = [] }: Listing): string {
  const name = repository.replace(/\/\.git$/, '');
  return worktrees.length === 0 && orphans.length > 0 ? `${name} (gone)` : name;
}

import type { DamagedEntry } from '../../app/worktrees/trash/record.ts';
import type { Kept, Undone } from '../../app/worktrees/undo/undo.ts';
import { defined } from '../../core/defined.ts';
import { environmentName } from '../../core/names.ts';
import { age, since } from '../../core/text/duration.ts';
import { flag, type Result, value, verb } from '../define.ts';

export const undo = verb({
  usage: 'undo [branch]',
  summary: 'bring back a deleted worktree',
  about:
    'For 72 hours after `wt delete`: the worktree at its old path with everything that was in it, its index, the branch with its upstream, and the database, which the next `wt up` uses. Named by branch, slug, earlier path or the id that `wt delete` printed; not needed where only one was deleted. Refuses where the branch or the folder exists again. Ctrl+C leaves what the same command continues.',
  examples: [
    ['wt undo feat-login', 'the worktree of that branch'],
    ['wt undo feat-login --branch feat-login-2', 'where the branch exists again'],
  ],
  options: {
    list: flag('show what can be brought back'),
    branch: value('name', 'another name for the branch'),
    path: value('folder', 'another place for the worktree'),
  },
  run: async ([name], { list, branch, path }, ports) => {
    const { listDamaged, listDeleted, undoDeletion } = await import('../../app/worktrees/undo/undo.ts');
    if (list) {
      const [kept, damaged] = await Promise.all([listDeleted(ports.cwd), listDamaged(ports.cwd)]);
      return listReport(kept, damaged, Date.now());
    }
    const { resolve } = await import('node:path');
    const place = path === undefined ? undefined : resolve(ports.cwd, path);
    return undoneReport(await undoDeletion({ name, branch, path: place }, ports));
  },
});

/** `now`: milliseconds since 1970. */
function listReport(records: readonly Kept[], damaged: readonly DamagedEntry[], now: number): Result {
  const rows = records.map(({ id, name, path, deletedAt, done, tree, left }) => {
    const notes = [
      ...(done ? [] : ['deletion not finished']),
      ...(path !== undefined && tree === undefined ? ['its folder was gone'] : []),
    ];
    const note = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
    const still = left > 0 ? `, kept for another ${age(left)}` : '';
    return `${name}  deleted ${since(deletedAt.time, now)} ago${still}  ${path ?? 'branch alone'}  ${id}${note}`;
  });
  const broken = damaged.map(
    ({ id, folder, problem }) =>
      `${id}  cannot be brought back by itself: ${problem}\n  its files are in ${folder}/tree: move them where you want them; it is never erased`,
  );
  const lines = [...rows, ...broken];
  return {
    text: lines.length === 0 ? 'nothing was deleted here in the last 72 hours' : lines.join('\n'),
    json: {
      schema: 1,
      version: 1,
      deleted: records.map(({ id, name, branch, tip, path, deletedAt, done, environments, left }) => ({
        id,
        name,
        deletedAt: deletedAt.time,
        until: new Date(now + left).toISOString(),
        done,
        environments,
        ...defined({ branch, tip, path }),
      })),
      damaged,
    },
  };
}

function undoneReport({ record, path, branch, databases }: Undone): Result {
  const lines = [
    `${record.name} is back`,
    ...(path === undefined ? [] : [`  worktree     ${path}`]),
    ...(branch === undefined
      ? []
      : [`  branch       ${branch}${record.tip === undefined ? '' : ` at ${record.tip.slice(0, 8)}`}`]),
    ...databases.map(({ app, slug, state, why }) => {
      const what = {
        back: 'its database is back, `wt up` uses it',
        never_removed: 'was not removed yet',
        later: `${why ?? ''}; \`wt up\` brings the environment up again`,
      }[state];
      return `  environment  ${environmentName(app, slug)}: ${what}`;
    }),
    ...record.environments.flatMap(({ app, slug, telemetry }) =>
      telemetry === undefined
        ? []
        : [`  telemetry    of ${environmentName(app, slug)} was deleted with --purge: it does not come back`],
    ),
  ];
  return {
    text: lines.join('\n'),
    json: {
      schema: 1,
      version: 1,
      id: record.id,
      name: record.name,
      databases,
      ...defined({ path, branch, tip: record.tip }),
    },
    ...defined({ folder: path }),
  };
}

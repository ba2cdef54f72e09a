import { expect, test } from 'vitest';
import type { MovedEnvironment } from '../../../../app/migration/journal.ts';
import { databasesWithoutWorktree, type MigrationPlan } from '../../../../app/migration/plan.ts';
import { pendingDatabases } from '../../../../app/migration/restore-phase.ts';
import { planDocument, planText } from '../../../../cli/ui/migration-plan.ts';
import type { CloneMark } from '../../../../servers/postgres/marks/state.ts';

const environment = (slug: string, more: Partial<MovedEnvironment> = {}): MovedEnvironment => ({
  app: 'shop',
  slug,
  namespace: `wt-shop--${slug}`,
  branch: slug,
  specFolder: `/work/${slug}`,
  stopped: false,
  managed: false,
  ...more,
});

const { specFolder: _, ...gone } = environment('gone');

const mark = (slug: string): CloneMark => ({
  coppice: 1,
  kind: 'clone',
  template: 'tpl',
  migrations: [],
  strategy: 'clone',
  milliseconds: 1,
  createdAt: '2026-11-21T20:00:00Z',
  origin: { kind: 'template' },
  app: 'shop',
  environment: slug,
  repository: '/work/.git',
  branch: slug,
  worktree: `/work/${slug}`,
});

const database = (slug: string, bytes: number) => ({ name: `wt_shop__${slug}`, mark: mark(slug), bytes });

const plan: MigrationPlan = {
  from: 'embedded',
  to: 'k3d',
  environments: [
    environment('main'),
    environment('feat', { stopped: true }),
    environment('cloud', { managed: true }),
    gone,
  ],
  databases: [database('main', 8e6), database('feat', 1.5e9), database('gone', 9e6)],
  left: { snapshots: 2, templates: 1 },
  temporal: ['shop/main'],
};

test('the plan shows for each environment what becomes of it and of its database', () => {
  expect(planText(plan).split('\n')).toEqual([
    'from embedded to k3d: 4 environments, 3 databases of 1.5 GB',
    '  shop/main   database of 8.0 MB                       brought up',
    '  shop/feat   database of 1.5 GB                       brought up, then stopped as it is now',
    '  shop/cloud  database on its own server: stays there  brought up',
    '  shop/gone   database of 9.0 MB                       not brought up: no worktree has branch gone and its coppice.yaml',
    '  not carried over: 2 snapshots, workflows and their histories of shop/main, logs; templates are built again when needed',
    '  dumped and kept as files, as no worktree uses them: wt_shop__gone',
    '  the embedded cluster is stopped and keeps everything; pods and sessions end now',
  ]);
});

test('a database that belongs to no known environment is dumped to a file too', () => {
  const stray = { ...plan, databases: [...plan.databases, database('stray', 1)] };
  expect(databasesWithoutWorktree(stray).map(({ name }) => name)).toEqual([
    'wt_shop__gone',
    'wt_shop__stray',
  ]);
  expect(planDocument(stray).keptAsFiles).toEqual(['wt_shop__gone', 'wt_shop__stray']);
});

test('a database is pending when it has a target server and is not restored yet', () => {
  const moved = (slug: string, restored: boolean) => ({
    ...database(slug, 1),
    extensions: [],
    contents: [],
    file: `/dumps/${slug}`,
    restored,
  });
  const { environments } = plan;
  const databases = [moved('main', true), moved('feat', false), moved('gone', false)];
  expect(pendingDatabases({ environments, databases }).map(({ name }) => name)).toEqual(['wt_shop__feat']);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { edit, eventually, get, kubectl, Repository, testFolder, wtOk } from '../test/e2e/harness.ts';
import { type Figure, median, timed } from './measure.ts';
import { writeRawObjects } from './raw-objects.ts';

/** An app whose `wt up` is timed, in its own repository. */
export interface BenchApp {
  readonly name: string;
  readonly repository: Repository;
}

/** The shop under another name, with its spec changed by `change`. */
export function shopNamed(name: string, change: (spec: Document) => void): BenchApp {
  const repository = new Repository();
  const spec = parseDocument(readFileSync(join(repository.top, 'coppice.yaml'), 'utf8'));
  spec.set('name', name);
  change(spec);
  repository.write('coppice.yaml', String(spec));
  edit(join(repository.top, 'Pulumi.yaml'), 'name: shop', `name: ${name}`);
  repository.commit('Be another app');
  return { name, repository };
}

export function withoutDatabase(spec: Document): void {
  spec.delete('database');
  spec.deleteIn(['services', 'api', 'env', 'DATABASE_URL']);
}

export interface Ups {
  /** What `wt up` has in addition: `a database`. */
  readonly what: string;
  readonly runs: number;
  readonly app: BenchApp;
  /** The same app without it. */
  readonly plain: BenchApp;
  /** The most that it may add, as a share of `kubectl apply` of the plain app's objects. */
  readonly bound: number;
  /** Runs while a worktree's environment of `app` is up. */
  readonly inspect?: (slug: string) => Promise<void>;
}

/** Series, bounds and details of a report: new worktrees one after the other, the three in turn. */
export async function measureUps({
  what,
  runs,
  app,
  plain,
  bound,
  inspect = async () => {},
}: Ups): Promise<Pick<Figure, 'series' | 'reach'> & { readonly added: number }> {
  for (const { repository } of [app, plain]) await wtOk(['up'], { cwd: repository.top });
  const more: number[] = [];
  const less: number[] = [];
  const floor: number[] = [];
  for (let index = 0; index < runs; index++) {
    const slug = `bench-${index}`;
    less.push(await timeUp(plain, slug));
    more.push(await timeUp(app, slug, inspect));
    floor.push(await timeApply(plain, slug));
  }
  for (const { repository } of [app, plain]) await wtOk(['down'], { cwd: repository.top });
  const added = median(more) - median(less);
  return {
    series: {
      [`wt up with ${what}`]: { unit: 'ms', runs: more },
      'wt up without': { unit: 'ms', runs: less },
      'kubectl apply without': { unit: 'ms', runs: floor },
    },
    reach: [{ what: `what ${what} adds at the median / kubectl apply`, value: added / median(floor), bound }],
    added,
  };
}

async function timeUp(
  { name, repository }: BenchApp,
  slug: string,
  inspect: (slug: string) => Promise<void> = async () => {},
): Promise<number> {
  const worktree = repository.worktree(slug);
  const milliseconds = await timed(async () => {
    await wtOk(['up'], { cwd: worktree });
    await answers(`${slug}.${name}.localhost`);
  });
  await inspect(slug);
  await wtOk(['down'], { cwd: worktree });
  return milliseconds;
}

async function timeApply({ name }: BenchApp, slug: string): Promise<number> {
  const file = join(testFolder(), `raw-${slug}.json`);
  const namespace = await writeRawObjects(file, { namespace: `wt-${name}--main`, slug: 'main' }, slug);
  const milliseconds = await timed(async () => {
    await kubectl('apply', '-f', file);
    await answers(`${slug}.${name}.localhost`);
  });
  await kubectl('delete', 'namespace', namespace, '--wait=true');
  return milliseconds;
}

/** The page of `web` contains `api`'s answer. */
function answers(host: string) {
  return eventually(`${host} answers`, async () => {
    const { status, body } = await get(host);
    return (status === 200 && body.includes('Billhook')) || undefined;
  });
}

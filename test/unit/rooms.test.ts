import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';

const root = packageRoot();
interface Room {
  readonly imports: readonly string[];
  readonly floors?: readonly (readonly string[])[];
  /** What each folder on a floor does. */
  readonly folders?: Readonly<Record<string, string>>;
}
const rooms: Readonly<Record<string, Room>> = JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8'));
/** A room without rules so far. */
const empty = ['policies'];
/** Top-level folders whose TypeScript is not part of the product, or runs only in the processes of apps. */
const outside = ['test', 'bench', 'examples', 'instrumentation'];

test("every folder with the product's TypeScript is a room, and every room is such a folder", () => {
  const files = globSync('*/**/*.ts', { cwd: root, ignore: ['node_modules/**', 'dist*/**'] });
  const folders = new Set(files.map((file) => file.split('/')[0] ?? ''));
  for (const folder of outside) folders.delete(folder);
  for (const folder of empty) folders.add(folder);
  expect([...folders].sort()).toEqual(Object.keys(rooms).sort());
});

/** A platform part describes its image itself, and the cluster's catalogue lists it. */
const upwards = ['cluster → platform/*/image'];

test('a room imports rooms that stand below it', () => {
  const names = Object.keys(rooms);
  const found = Object.entries(rooms).flatMap(([room, { imports }]) =>
    imports
      .filter((name) => names.indexOf(name.split('/')[0] ?? '') <= names.indexOf(room))
      .map((name) => `${room} → ${name}`),
  );
  expect(found).toEqual(upwards);
});

test('every folder on a floor of app/ has words for its row in docs/architecture.md', () => {
  const { floors = [], folders = {} } = rooms.app ?? {};
  const names = floors.flat().filter((name) => !name.endsWith('.ts'));
  expect(Object.keys(folders).sort()).toEqual(names.sort());
});

test('docs/architecture.md shows the tables of rooms and floors from rooms.json', () => {
  const script = join(root, 'scripts', 'rooms.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});

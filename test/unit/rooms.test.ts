import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';

const root = packageRoot();
const rooms: Readonly<Record<string, { readonly imports: readonly string[] }>> = JSON.parse(
  readFileSync(join(root, 'rooms.json'), 'utf8'),
);
/** A room without rules so far. */
const empty = ['policies'];
/** Top-level folders whose TypeScript is not part of the product. */
const outside = ['test', 'bench', 'examples'];

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

test('docs/architecture.md shows the table of rooms from rooms.json', () => {
  const script = join(root, 'scripts', 'rooms.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});

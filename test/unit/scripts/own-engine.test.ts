import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';

interface Processes {
  readonly left: () => number[];
  readonly force: (pid: number) => void;
  readonly now: () => number;
  readonly wait: () => void;
}

/** A script, so without types. */
const { awaitEnd, refuseForeign } = (await import(
  pathToFileURL(join(packageRoot(), 'scripts', 'own-engine.mjs')).href
)) as {
  awaitEnd(processes: Processes): void;
  refuseForeign(folder: string, user?: number): void;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-own-engine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A clock that advances by a second with every look. */
function processes(endsBy: (forced: number[]) => boolean): Processes & { readonly forced: number[] } {
  const forced: number[] = [];
  let seconds = 0;
  return {
    forced,
    left: () => (endsBy(forced) ? [] : [4711]),
    force: (pid) => forced.push(pid),
    now: () => seconds * 1000,
    wait: () => {
      seconds += 1;
    },
  };
}

test('a process that does not end by itself is ended by force', () => {
  const stubborn = processes((forced) => forced.length > 0);
  awaitEnd(stubborn);
  expect(stubborn.forced).toEqual([4711]);
});

test('one that cannot be ended at all is reported, and not waited for forever', () => {
  expect(() => awaitEnd(processes(() => false))).toThrow('processes that cannot be ended: 4711');
});

test('a work folder is refused if it is not our own', () => {
  const own = join(folder, 'own');
  mkdirSync(own);
  const link = join(folder, 'link');
  symlinkSync(own, link);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  refuseForeign(own);
  refuseForeign(join(folder, 'not there yet'));
  for (const other of [link, file]) expect(() => refuseForeign(other), other).toThrow(other);
  const user = (process.getuid?.() ?? 0) + 1;
  expect(() => refuseForeign(own, user)).toThrow('not a folder of this user');
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Folder } from '../../../../app/init/folder.ts';
import { packageService } from '../../../../app/init/javascript.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-script-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The service of a package with these scripts. */
async function serviceOf(scripts: Readonly<Record<string, string>>) {
  const manifest = { name: 'shop', scripts };
  const top: Folder = { top: folder, path: '.', names: new Set(['package.json']), manifest };
  const service = await packageService(top, new Set(), true);
  if (service?.command === undefined) throw new Error('no command');
  expect(spawnSync('sh', ['-n', '-c', service.command]).status).toBe(0);
  return { ...service, command: service.command };
}

/** What the program receives when a real shell runs the command: its arguments, and the variables of these names. */
function received(command: string, program: string, ...variables: readonly string[]) {
  const shown = variables.map((name) => `"$${name}"`).join(' ');
  const text = `#!/bin/sh\nprintf '<%s>' "$@"; [ -z '${shown}' ] || printf '[%s]' ${shown}\n`;
  writeFileSync(join(folder, program), text, { mode: 0o755 });
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: '/home/x', SPACED: 'a b' };
  return execFileSync('sh', ['-c', command], { env, cwd: folder, encoding: 'utf8' });
}

describe('a script with a quoted variable', () => {
  test.each([
    `NODE_OPTIONS='--max-old-space-size=4096 --inspect' next dev`,
    'cross-env NODE_OPTIONS="--max-old-space-size=4096 --inspect" next dev',
    'cross-env "NODE_OPTIONS=--max-old-space-size=4096 --inspect" next dev',
    String.raw`NODE_OPTIONS=--max-old-space-size=4096\ --inspect npx next dev`,
    `npx cross-env NODE_OPTIONS='--max-old-space-size=4096 --inspect' npx next dev`,
    `env NODE_OPTIONS='--max-old-space-size=4096 --inspect' next dev`,
    `exec env NODE_OPTIONS='--max-old-space-size=4096 --inspect' next dev`,
  ])('%s is Next, which gets the whole of it', async (dev) => {
    const { command, memory, port, notes } = await serviceOf({ dev });
    expect({ memory, port, notes }).toEqual({ memory: '2Gi', port: 3000, notes: [] });
    expect(received(command, 'next', 'NODE_OPTIONS')).toBe('<dev>[--max-old-space-size=4096 --inspect]');
  });

  test.each([
    ['FOO="a b" node x', '<x>[a b]'],
    [`FOO='a "b" $c' node x`, '<x>[a "b" $c]'],
    [String.raw`FOO="a \"b\" \$c" node x`, '<x>[a "b" $c]'],
    ['FOO=$SPACED node x', '<x>[a b]'],
    ['FOO="$SPACED c" node x', '<x>[a b c]'],
    ['BAR=1 FOO=${BAR}2 node x', '<x>[12]'],
    ['FOO="$(printf "%s" "a  b")" node x', '<x>[a  b]'],
    ['FOO= node x', '<x>[]'],
    [`FOO='a && b' node -e "one; two" 'a|b'`, '<-e><one; two><a|b>[a && b]'],
    [`true && FOO='a b' node "x y"`, '<x y>[a b]'],
    [`printf '%s' 'a && b' && FOO=1 node x`, 'a && b<x>[1]'],
    [`FOO='it'"'"'s' node x`, "<x>[it's]"],
  ])('%s runs as npm runs it', async (start, expected) => {
    const { command, notes } = await serviceOf({ start });
    expect(received(command, 'node', 'FOO')).toBe(expected);
    expect(notes).toEqual([]);
    expect(command).toMatch(/(^|&& )exec node /);
  });

  test('that names PATH keeps it', async () => {
    const { command } = await serviceOf({ start: 'PATH=/own:$PATH node x' });
    expect(received(command, 'node', 'PATH')).toBe(
      `<x>[/app/node_modules/.bin:/own:${folder}:/usr/bin:/bin]`,
    );
  });
});

describe('a script that is more than one program', () => {
  test.each([
    'node a & node b',
    'node a; node b',
    'node a | node b',
    '(node a)',
    'if true; then node a; fi',
    '! node a',
  ])('%s runs as it is, and says that SIGTERM may not reach it', async (start) => {
    const { command, notes } = await serviceOf({ start });
    expect(command).toBe(`export PATH=/app/node_modules/.bin:$PATH && ${start}`);
    expect(notes).toEqual([expect.stringContaining('SIGTERM')]);
  });
});

describe('a script that runs another', () => {
  test.each([
    ['npm run web', '<x>[]'],
    ['npm run --silent web', '<x>[]'],
    ['npm run web -- --open "a b"', '<x><--open><a b>[]'],
    ['yarn web --open', '<x><--open>[]'],
    [`FOO='a b' npm run web`, '<x>[a b]'],
    ['true && cross-env FOO=1 npm run web', '<x>[1]'],
  ])('%s is that one', async (dev, expected) => {
    const { command, notes } = await serviceOf({ dev, web: 'node x' });
    expect(received(command, 'node', 'FOO')).toBe(expected);
    expect(notes).toEqual([]);
    expect(command).toMatch(/(^|&& )exec node /);
  });

  test.each([
    ['npm --prefix client run dev', 'npm'],
    ['npm start --prefix client', 'npm'],
    ['npm run dev -w web', 'npm'],
    ['yarn --cwd client dev', 'yarn'],
  ])('%s, of another folder, stays and says that SIGTERM ends there', async (dev, manager) => {
    const { command, notes } = await serviceOf({ dev, start: 'node x' });
    expect(command).toMatch(new RegExp(`&& exec ${dev}$`));
    expect(notes[0]).toBe(
      `${manager} does not pass SIGTERM on: write the program that its script runs, with \`exec\``,
    );
  });

  test('of several programs is not joined to what runs before', async () => {
    const { command } = await serviceOf({ dev: 'tsc && npm run web', web: 'node a & node b' });
    expect(command).toBe('export PATH=/app/node_modules/.bin:$PATH && tsc && exec npm run web');
  });
});

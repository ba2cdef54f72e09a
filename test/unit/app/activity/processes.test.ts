import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseGroups, parseLsof, parsePs } from '../../../../app/activity/mac-processes.ts';
import type { ProcessTable } from '../../../../app/activity/process-table.ts';
import { processesIn, sortIntoFolders } from '../../../../app/activity/processes.ts';

function table(
  processes: readonly [pid: number, parent: number, folder: string, words: string][],
): ProcessTable {
  const seen = new Map(
    processes.map(([pid, parent, , words]) => [pid, { pid, parent, argv: words.split(' ') }]),
  );
  return {
    folders: new Map(processes.map(([pid, , folder]) => [pid, folder])),
    look: async (pid) => seen.get(pid),
    own: [30, 20, 10, 1],
    pipeline: new Set([32]),
  };
}

describe('which processes count', () => {
  test('wt itself, what it started, what reads its output and the shell around it are left out', async () => {
    const found = await sortIntoFolders(
      ['/w'],
      table([
        [30, 20, '/w', 'node wt list'],
        [31, 30, '/w', 'git status'],
        [32, 20, '/w', 'less'],
        [20, 10, '/w', 'bash'],
        [40, 1, '/w', 'npm run dev'],
      ]),
    );
    expect(found.get('/w')?.map(({ pid }) => pid)).toEqual([40]);
  });

  test('what only looks is left out with what it started, and what git or wt do there is not', async () => {
    const found = await sortIntoFolders(
      ['/w'],
      table([
        [40, 1, '/w', 'git -C /w -c core.fsmonitor=false status --porcelain=v2'],
        [41, 1, '/w', '/usr/bin/node /opt/wt delete'],
        [42, 41, '/w', 'sh -c for'],
        [43, 42, '/w', 'git worktree list'],
        [44, 1, '/w', 'node --inspect /opt/coppice/bin/wt --verbose list'],
        [50, 1, '/w', 'git -C /w commit'],
        [51, 1, '/w', 'git --no-pager rebase -i main'],
        [52, 1, '/w', 'node /opt/wt run -- npm test'],
        [53, 52, '/w', 'npm test'],
        [54, 1, '/w', 'node server.js status'],
        [55, 41, '/w', 'claude'],
      ]),
    );
    expect(found.get('/w')?.map(({ pid }) => pid)).toEqual([50, 51, 52, 53, 54, 55]);
  });

  test('the agent that called wt is named as the one that did', async () => {
    const found = await sortIntoFolders(
      ['/w'],
      table([
        [10, 1, '/w', 'claude'],
        [50, 1, '/w/src', 'codex exec'],
      ]),
    );
    expect(found.get('/w')).toEqual([
      { pid: 10, folder: '/w', command: 'claude', agent: 'claude', callsUs: true },
      { pid: 50, folder: '/w/src', command: 'codex exec', agent: 'codex' },
    ]);
  });

  test('of folders inside each other the innermost counts, and a folder that only begins alike does not', async () => {
    const found = await sortIntoFolders(
      ['/w', '/w/.claude/worktrees/a'],
      table([
        [40, 1, '/w/.claude/worktrees/a/src', 'vim'],
        [41, 1, '/w-other', 'vim'],
        [42, 1, '/w/.claude', 'vim'],
      ]),
    );
    expect([...found].map(([folder, list]) => [folder, list.map(({ pid }) => pid)])).toEqual([
      ['/w/.claude/worktrees/a', [40]],
      ['/w', [42]],
    ]);
  });
});

describe('on this machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice processes-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.runIf(process.platform === 'linux')('finds an agent by its folder, with its start', async () => {
    const program = join(folder, 'codex');
    copyFileSync('/bin/sleep', program);
    mkdirSync(join(folder, 'a b'));
    const child = spawn(program, ['600'], { cwd: join(folder, 'a b') });
    await once(child, 'spawn');
    try {
      // What we started ourselves is left out, so a process of its own asks.
      const own = await processesIn([folder]);
      expect(own.size).toBe(0);
      const { linuxProcesses } = await import('../../../../app/activity/linux-processes.ts');
      const found = await sortIntoFolders([folder], { ...linuxProcesses(), own: [1] });
      const [agent] = found.get(folder) ?? [];
      expect(agent).toMatchObject({ pid: child.pid, agent: 'codex', folder: join(folder, 'a b') });
      expect(Math.abs((agent?.startedAt ?? 0) - Date.now())).toBeLessThan(600_000);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});

test('what lsof and ps of macOS print is read', () => {
  expect(parseLsof('p1\nfcwd\nn/\np321\nfcwd\nn/Users/a/my shop\np9\nfcwd\nnpipe\n')).toEqual(
    new Map([
      [1, '/'],
      [321, '/Users/a/my shop'],
    ]),
  );
  expect(parseGroups('p1\ng1\nfcwd\nn/\np321\ng300\nfcwd\nn/Users/a/my shop\n')).toEqual(
    new Map([
      [1, 1],
      [321, 300],
    ]),
  );
  const found = parsePs('  321     1 Mon Nov 30 13:48:37 2026     claude --resume\nrubbish\n');
  expect(found.get(321)).toEqual({
    pid: 321,
    parent: 1,
    argv: ['claude', '--resume'],
    startedAt: new Date(2026, 10, 30, 13, 48, 37).getTime(),
  });
});

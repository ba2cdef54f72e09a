import { expect, test } from 'vitest';
import { listed } from '../../../../cli/verbs/ports.ts';

const usual = { slot: 1, worktree: '/shop', here: true, ports: [20_000, 20_001], gone: false, listening: [] };

test('a list says whose the ports are, and what listens there from elsewhere', () => {
  const server = { port: 20_001, pid: 7, command: '/usr/bin/node x.js', folder: '/other' };
  const own = { port: 20_000, pid: 8, command: 'ruby', folder: '/shop/api' };
  const { text } = listed([
    { ...usual, listening: [own, server] },
    { ...usual, slot: 2, worktree: '/gone', here: false, gone: true },
    { slot: 3, here: false, ports: [], gone: false, damage: 'it is empty', listening: [] },
  ]);
  const lines = text.split('\n');
  expect(lines[1]).toMatch(
    /20000-20001 +\/shop \(this one\) +20000 ruby \(pid 8\), 20001 node \(pid 7\) in \/other$/,
  );
  expect(lines[2]).toContain('worktree is gone');
  expect(lines[3]).toContain('wt ports 3 --release');
});

test('without ports the verb that gives some is named, and a worktree is no filter', () => {
  expect(listed([]).text).toContain('wt run');
  expect(() => listed([usual], 'feat')).toThrow('lists every worktree');
});

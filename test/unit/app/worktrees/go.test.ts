import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agentFor, commandOf } from '../../../../app/worktrees/go/agents.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-go-'));
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const install = (...names: string[]) => {
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), 0o755);
  }
};
const settings = (text: string) => {
  mkdirSync(join(folder, 'config/coppice'), { recursive: true });
  writeFileSync(join(folder, 'config/coppice/config.yaml'), text);
};

test('without a name it is the only agent on PATH, and of several one has to be named', async () => {
  await expect(agentFor(undefined, folder)).rejects.toMatchObject({ code: 'COPPICE_NO_AGENT', exitCode: 2 });
  install('codex');
  expect((await agentFor(undefined, folder)).name).toBe('codex');
  install('claude');
  await expect(agentFor(undefined, folder)).rejects.toThrow('claude, codex');
  settings('agent: codex');
  expect((await agentFor(undefined, folder)).name).toBe('codex');
  expect((await agentFor('claude', folder)).name).toBe('claude');
});

test('one that is not known is an error that lists them, and one that is not there says so', async () => {
  await expect(agentFor('cluade', folder)).rejects.toMatchObject({
    code: 'COPPICE_NO_AGENT',
    hint: expect.stringContaining('did you mean "claude"?'),
  });
  await expect(agentFor('amp', folder)).rejects.toThrow('not on PATH');
});

test('the settings add agents and replace those that are known', async () => {
  install('mine');
  settings('agents:\n  claude: { command: [mine, --fast], prompt: --message }\n');
  expect(commandOf(await agentFor('claude', folder), 'fix it')).toEqual([
    'mine',
    '--fast',
    '--message',
    'fix it',
  ]);
});

test('how each gets its prompt; none of them is asked for a worktree', async () => {
  const names = ['claude', 'codex', 'gemini', 'opencode', 'qwen', 'copilot', 'amp', 'aider'];
  install(...names);
  const commands = await Promise.all(
    names.map(async (name) => commandOf(await agentFor(name, folder), 'fix it')),
  );
  expect(commands).toEqual([
    ['claude', 'fix it'],
    ['codex', 'fix it'],
    ['gemini', '--prompt-interactive', 'fix it'],
    ['opencode', '--prompt', 'fix it'],
    ['qwen', '--prompt-interactive', 'fix it'],
    ['copilot', '--interactive', 'fix it'],
    ['amp', '--execute', 'fix it'],
    ['aider', '--message', 'fix it'],
  ]);
  const claude = await agentFor('claude', folder);
  expect(commandOf(claude, '')).toEqual(['claude']);
  expect(commandOf(claude, '--help me')).toEqual(['claude', '--', '--help me']);
});

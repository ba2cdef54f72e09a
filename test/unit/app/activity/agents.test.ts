import { expect, test } from 'vitest';
import { agentOf } from '../../../../app/activity/agents.ts';

test.each<[words: string, agent: string | undefined]>([
  ['claude --resume', 'claude'],
  ['/home/a/.local/bin/claude -p hello', 'claude'],
  ['codex exec --worktree', 'codex'],
  ['/opt/codex/codex.exe', 'codex'],
  ['node /usr/local/bin/gemini', 'gemini'],
  [
    'node --no-warnings=DEP0040 --max-old-space-size=4096 /usr/lib/node_modules/@google/gemini-cli/bundle/gemini.js',
    'gemini',
  ],
  ['node -r /tmp/a.js /usr/lib/node_modules/@qwen-code/qwen-code/cli.js', 'qwen'],
  ['/usr/bin/node /usr/lib/node_modules/@anthropic-ai/claude-code/cli.js -p x', 'claude'],
  ['bun run /usr/lib/node_modules/opencode-ai/bin/opencode', 'opencode'],
  ['node /usr/bin/copilot --allow-all-tools', 'copilot'],
  ['node --no-warnings /usr/lib/node_modules/@ampcode/cli/dist/main.js', 'amp'],
  ['/usr/bin/python3.12 /home/a/.local/bin/aider --message x', 'aider'],
  ['python -m aider', 'aider'],
  ['bash /home/a/.local/bin/cursor-agent', 'cursor-agent'],
  [
    '/home/a/.local/share/cursor-agent/versions/2026.1/node /home/a/.local/share/cursor-agent/versions/2026.1/index.js',
    'cursor-agent',
  ],
  ['vim claude', undefined],
  ['node codex.js', undefined],
  ['bash -c claude', undefined],
  ['python -c import-aider', undefined],
  ['node -e claude', undefined],
  ['-bash', undefined],
  ['git commit -m gemini', undefined],
  ['grep aider', undefined],
  ['node server.js --name claude', undefined],
])('%s: %s', (words, agent) => {
  expect(agentOf(words.split(' '))).toBe(agent);
});

test('a program that wrote its title over its command line is known by its first word', () => {
  expect(agentOf(['claude --resume abc'])).toBe('claude');
  expect(agentOf(['npm exec @openai/codex'])).toBeUndefined();
});

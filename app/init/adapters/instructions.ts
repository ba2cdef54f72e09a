const begin = '<!-- coppice: `wt init --with` writes this block -->';
const end = '<!-- /coppice -->';

/** Files that agents read, the first that exists is meant. */
export const instructionFiles = ['AGENTS.md', 'CLAUDE.md'] as const;

/** The verbs for an agent. It reads them in every session, so they cost at most {@link mostTokens}. */
export function instructions(command: 'wt' | 'coppice'): string {
  return [
    begin,
    '## Worktrees',
    '',
    `- \`${command} create BRANCH\`: worktree and running environment`,
    `- \`${command} up\`: start or update this one`,
    `- \`${command} status\`, \`${command} logs SERVICE\`: what fails and why`,
    `- \`${command} run -- CMD\`: tests here, with DATABASE_URL and PORT`,
    `- \`${command} exec SERVICE -- CMD\`: in the pod`,
    `- \`${command} delete BRANCH\`: removes both; \`${command} undo\` restores`,
    '',
    'Use these ports and URLs, not fixed ones. `--json` for scripts.',
    end,
  ].join('\n');
}

/**
 * The most that the instructions may cost whoever reads them, in tokens.
 *
 * @internal Exported for its test, which counts them.
 */
export const mostTokens = 120;

/** A text with the block: in the place of an older one, else at its end. */
export function withInstructions(text: string, block: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from >= 0 && to >= 0) return text.slice(0, from) + block + text.slice(to + end.length);
  const gap = text === '' ? '' : text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  return `${text}${gap}${block}\n`;
}

import { basename } from 'node:path';

/**
 * Whether a command only asks about a folder and ends by itself, so that nobody works there and nothing is lost with it:
 * git's questions (an editor, a prompt and another `wt` ask them all day), and verbs of `wt` that work on other folders or
 * on none, or delete this one.
 */
export function isLooking(argv: readonly string[]): boolean {
  const [program = '', ...words] = argv;
  if (basename(program) === 'git') return questions.has(gitCommandOf(words));
  // As `env node` starts it.
  const at = words.findIndex((word) => !word.startsWith('-'));
  if (!/^node(js)?$/.test(basename(program)) || basename(words[at] ?? '') !== 'wt') return false;
  return passing.has(words.slice(at + 1).find((word) => !word.startsWith('-')) ?? '');
}

const questions: ReadonlySet<string> = new Set([
  'blame',
  'cat-file',
  'check-attr',
  'check-ignore',
  'describe',
  'diff',
  'diff-files',
  'diff-index',
  'diff-tree',
  'for-each-ref',
  'hash-object',
  'log',
  'ls-files',
  'ls-tree',
  'merge-base',
  'name-rev',
  'rev-list',
  'rev-parse',
  'show',
  'show-ref',
  'status',
]);

const passing: ReadonlySet<string> = new Set([
  '',
  'delete',
  'doctor',
  'env',
  'gc',
  'list',
  'ports',
  'status',
]);

/** Git's own options before the command that take another word. */
const withValue = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--config-env']);

function gitCommandOf(words: readonly string[]): string {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (withValue.has(word)) at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return '';
}

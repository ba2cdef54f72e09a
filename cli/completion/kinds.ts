import { joiningNames } from '../../core/part-facts.ts';

/**
 * What Tab offers for an argument or for the value of an option: one of a closed list, something that exists, files, or
 * nothing where a person writes freely.
 */
export type Kind =
  | readonly string[]
  /** A branch that has a worktree, by branch, slug or path, or an environment by its full name. */
  | 'environment'
  /** A worktree of this repository, by the same. */
  | 'worktree'
  /** A local branch, those with a worktree first. */
  | 'branch'
  /** A local branch, or one of a remote. */
  | 'any branch'
  | 'deleted'
  | 'service'
  | 'snapshot'
  | 'workflow'
  | 'program'
  | 'files'
  | 'folders'
  | 'nothing';

/**
 * By the placeholder in a verb's usage or option: `[environment]`, `--tail <lines>`. A verb and its placeholder come
 * before the placeholder alone, where one means something else to it.
 */
const kinds: Readonly<Record<string, Kind>> = {
  agent: ['claude', 'codex', 'cursor-agent', 'gemini', 'opencode'],
  arguments: 'files',
  branch: 'branch',
  command: 'files',
  'create branch': 'any branch',
  'db restore name': 'snapshot',
  'db undo name': 'snapshot',
  'undo branch': 'deleted',
  driver: ['embedded', 'k3d', 'existing'],
  duration: ['100ms', '200ms', '500ms', '1s', '5s'],
  environment: 'environment',
  file: 'files',
  folder: 'folders',
  level: ['error', 'warn', 'info', 'debug'],
  lines: 'nothing',
  'logs id': 'nothing',
  logsql: 'nothing',
  name: 'nothing',
  number: 'nothing',
  part: joiningNames,
  path: 'folders',
  pod: 'nothing',
  port: 'nothing',
  program: 'program',
  prompt: 'nothing',
  promql: 'nothing',
  ref: 'any branch',
  run: 'nothing',
  service: 'service',
  tool: ['claude', 'cursor', 'codex', 'worktrunk', 'gtr', 'conductor', 'vscode'],
  'hook tool': ['claude'],
  event: ['create', 'remove'],
  'shell install command': 'nothing',
  'env command': 'nothing',
  time: ['30m', '1h', '6h', '12h', '1d', '3d', '7d'],
  text: 'nothing',
  'trace id': 'nothing',
  'traces time': ['5m', '15m', '1h', '6h', '1d'],
  'metrics time': ['5m', '15m', '1h', '6h', '1d'],
  shell: ['bash', 'zsh', 'fish'],
  sql: 'nothing',
  worktree: 'worktree',
  'workflows show id': 'workflow',
};

/** The kind of a placeholder of a verb, by the verb's whole name: `db restore`. Undefined for one that is not listed. */
export function kindOf(verb: string, placeholder: string): Kind | undefined {
  return kinds[`${verb} ${placeholder}`] ?? kinds[placeholder];
}

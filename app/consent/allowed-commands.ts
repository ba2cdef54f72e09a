import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CoppiceError, type ErrorCode } from '../../core/errors.ts';
import { writeJson } from '../../core/files.ts';
import { withLock } from '../../core/lock.ts';
import { paths } from '../../core/paths.ts';
import { readState, type StateFile } from '../../core/state/state-file.ts';
import type { Ports } from '../ports.ts';

/** Commands of a repository that want to run on this machine. */
interface AskedCommands {
  readonly commands: readonly string[];
  /** Digest of what is allowed: the repository and the commands. */
  readonly text: string;
  readonly refusal: {
    readonly code: ErrorCode;
    readonly message: string;
    /** The command that allows it without a terminal. */
    readonly again: string;
  };
}

const allowedFile: StateFile = {
  what: 'the list of commands that you have allowed',
  fields: { texts: 'array' },
  afterwards: 'you are asked again for each',
};

interface Allowed {
  readonly texts: readonly string[];
}

const file = () => join(paths().data, 'allowed-setup.json');

/** Undefined when nothing was allowed yet; throws COPPICE_DAMAGED. */
export function readAllowed(): Promise<Allowed | undefined> {
  return readState<Allowed>(file(), allowedFile);
}

/** Asks before a text runs for the first time; an answer holds for all worktrees of its repository. */
export async function requireAllowed(asked: AskedCommands, yes: boolean, ports: Ports): Promise<void> {
  const { commands, text, refusal } = asked;
  if (await allow({ commands, texts: [text] }, yes, ports)) return;
  throw new CoppiceError(refusal.code, `${refusal.message}:\n${listed(commands)}`, {
    hint: `read them, then: ${refusal.again}`,
  });
}

/** Commands by what the question shows of them, and the digest of each thing that is allowed. */
interface Wanted {
  readonly commands: readonly string[];
  readonly texts: readonly string[];
}

/** Whether texts may run: asks where one of them is new, and keeps a yes. False without a terminal to ask on. */
export async function allow({ commands, texts }: Wanted, yes: boolean, ports: Ports): Promise<boolean> {
  const allowed = (await readAllowed())?.texts ?? [];
  if (texts.every((text) => allowed.includes(text))) return true;
  const question = `coppice.yaml wants to run on this machine, in this worktree:\n${listed(commands)}\nRun it, now and in every worktree of this repository?`;
  if (!yes && !(await ports.ask(question))) return false;
  await remember(texts);
  return true;
}

/** Several worktrees may be created at once, each with a yes of its own. */
async function remember(texts: readonly string[]): Promise<void> {
  await withLock(file(), async () => {
    const allowed = (await readAllowed())?.texts ?? [];
    await writeJson(file(), { texts: [...new Set([...allowed, ...texts])] } satisfies Allowed);
  });
}

function listed(commands: readonly string[]): string {
  return commands.map((command) => `  ${command}`).join('\n');
}

export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}\0${part}\0`);
  return hash.digest('hex');
}

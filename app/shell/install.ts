import { chmod, mkdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { readIfPresent, unlessAbsent, writeAtomic } from '../../core/files.ts';
import { difference } from '../../core/text/difference.ts';
import { confirm } from '../consent/confirm.ts';
import type { Ports } from '../ports.ts';
import { integration } from './integration.ts';
import { type OwnCommand, ownCommand } from './own-command.ts';
import { integrationFile, rcFile, rcLine, thisHome } from './places.ts';
import { withLine, withoutLine } from './rc-text.ts';
import type { ShellName } from './shells.ts';

export interface InstallRequest {
  readonly shell: ShellName;
  /** The only name of the function; `wt` and `coppice` when absent. */
  readonly name: string | undefined;
  readonly yes: boolean;
}

/** What was done to the user's file. */
export interface RcChange {
  readonly shell: ShellName;
  /** Absolute path of the user's file. */
  readonly file: string;
  /** Whether the user's file is another one now; false where everything was as asked. */
  readonly changed: boolean;
  /** Unified diff of it; '' without a change. */
  readonly diff: string;
}

export interface Installed extends RcChange {
  readonly command: OwnCommand;
}

/**
 * Writes the static text, and the line that reads it into the shell's file. Shows the diff and asks first. Throws
 * COPPICE_NOT_CONFIRMED, COPPICE_CANNOT_WRITE.
 */
export async function installShell({ shell, name, yes }: InstallRequest, ports: Ports): Promise<Installed> {
  if (name !== undefined) requireName(name);
  const home = thisHome(ports.env);
  const command = await ownCommand(name ?? 'wt', shell, ports.env);
  const [file, ours] = [await rcFile(shell, home), integrationFile(shell)];
  const line = rcLine(shell, ours, home);
  const before = await readIfPresent(file);
  const after = withLine(before, line);
  const diff = difference(file, before, after);
  if (diff !== '') {
    if (!yes) ports.screen.note(diff);
    const question = `Write this into ${file}?`;
    const hint = `wt shell install --shell ${shell} --yes`;
    await confirm({ question, yes, refusal: `${file} was not changed`, hint }, ports);
  }
  await writeAtomic(ours, await integration(shell, name, ports.env), 0o644);
  if (diff !== '') await writeInPlace(file, after, line);
  return { shell, file, changed: diff !== '', diff, command };
}

/** Takes the line out again, and removes our own file. */
export async function uninstallShell(shell: ShellName, ports: Ports): Promise<RcChange> {
  const file = await rcFile(shell, thisHome(ports.env));
  const before = await readIfPresent(file);
  const after = before === undefined ? undefined : withoutLine(before);
  const diff = difference(file, before, after);
  const changed = before !== after;
  if (changed && after === undefined) await rm(file);
  else if (changed) await writeInPlace(file, after ?? '', '');
  await rm(integrationFile(shell), { force: true });
  return { shell, file, changed, diff };
}

/** With this it is a word in all three shells, and no option. */
function requireName(name: string): void {
  if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) return;
  throw new CoppiceError('COPPICE_USAGE', `--cmd takes letters, digits, - and _, not ${name}`, {
    hint: 'wt shell install --cmd coppice',
  });
}

/** Through a link, as programs that keep such files in a repository make them, and with its mode. */
async function writeInPlace(file: string, text: string, line: string): Promise<void> {
  try {
    const target = await unlessAbsent(realpath(file));
    if (target === undefined) {
      await mkdir(dirname(file), { recursive: true });
      // A link that leads to no file yet: its target is created.
      await writeFile(file, text);
      return;
    }
    const { mode, uid, gid } = await stat(target);
    await writeAtomic(target, text, mode & 0o7777, process.geteuid?.() === 0 ? { uid, gid } : undefined);
    // Not subject to the umask.
    await chmod(target, mode & 0o7777);
  } catch (error) {
    const hint = line === '' ? 'take the line out by hand' : `add this line by hand: ${line}`;
    throw new CoppiceError('COPPICE_CANNOT_WRITE', `${file} cannot be written: ${messageOf(error)}`, {
      hint,
      cause: error,
    });
  }
}

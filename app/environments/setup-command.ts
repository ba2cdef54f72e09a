import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missingProgram } from '../../config/packages/missing-program.ts';
import { CoppiceError } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { paths } from '../../core/paths.ts';
import type { Ports } from '../ports.ts';
import { lastLines, runLogged } from './logged-command.ts';

/** A command of `setup:`, and where it runs. */
export interface SetupCommand {
  readonly app: string;
  readonly slug: string;
  readonly folder: string;
  readonly command: string;
}

/**
 * Runs one command to its end and shows its last line. Ctrl+C ends every process that it started. Throws
 * COPPICE_SETUP_FAILED, COPPICE_INTERRUPTED.
 */
export async function runSetupCommand(
  { app, slug, folder, command }: SetupCommand,
  ports: Ports,
): Promise<void> {
  const task = ports.screen.start(`setup: ${command}`);
  await mkdir(paths().logs, { recursive: true, mode: 0o700 });
  const log = join(paths().logs, `setup-${app}-${slug}.txt`);
  try {
    const code = await interruptible(ports.interrupts, (signal) =>
      runLogged({ command, folder, log, env: ports.env, signal, onLine: (line) => task.update(line) }),
    );
    if (code === 0) return task.done();
    task.fail(`exit code ${code}`);
    const last = (await lastLines(log, 20)).map((line) => `  | ${line}`);
    const program = code === 127 ? missingProgram(last) : undefined;
    const how =
      program === undefined
        ? `ended with exit code ${code}`
        : `needs ${program}, which is not on this machine`;
    throw new CoppiceError('COPPICE_SETUP_FAILED', [`\`${command}\` of setup: ${how}`, ...last].join('\n'), {
      hint: `${program === undefined ? '' : `install ${program}, or `}run it in ${folder}; the whole output is in ${log}`,
    });
  } catch (error) {
    if (error instanceof CoppiceError && error.code === 'COPPICE_INTERRUPTED') task.fail('interrupted');
    throw error;
  }
}

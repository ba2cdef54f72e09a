import { createInterface } from 'node:readline/promises';
import type { Screen } from '../../app/screen.ts';

/** Asks a yes-or-no question on the terminal; an empty line means no, and without a terminal the answer is no. */
export async function ask(question: string, screen: Screen): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  screen.close();
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  // After Ctrl+Z and `fg` readline leaves its input paused, and with nothing to read the process would end.
  reader.on('SIGCONT', () => reader.resume());
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}

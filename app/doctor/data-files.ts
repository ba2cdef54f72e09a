import type { Check } from '../../core/check.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { requireWholeMoves } from '../../core/state/moved-repositories.ts';
import { readReplaced } from '../clusters/replaced.ts';
import { readSwitch } from '../clusters/set-aside.ts';
import { readAllowed } from '../consent/allowed-commands.ts';

/** Each throws COPPICE_DAMAGED. */
const readers: readonly (readonly [name: string, read: () => Promise<unknown>])[] = [
  ['repositories', requireWholeMoves],
  ['allowed commands', readAllowed],
  ['replaced cluster', readReplaced],
  ['cluster switch', readSwitch],
];

/** Files of the data folder that verbs read only when they need them, so that damage would show late; the whole ones pass unmentioned. */
export async function dataFileChecks(): Promise<Check[]> {
  const found = await Promise.all(readers.map(([name, read]) => problemOf(name, read)));
  return found.flat();
}

async function problemOf(name: string, read: () => Promise<unknown>): Promise<Check[]> {
  try {
    await read();
    return [];
  } catch (error) {
    const fix = error instanceof CoppiceError ? error.hint : undefined;
    return [{ name, ok: false, detail: messageOf(error), ...defined({ fix }) }];
  }
}

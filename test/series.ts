import fc from 'fast-check';
import { onTestFailed } from 'vitest';

/** Whether this is `npm run soak`, which proves a rate; `npm test` tries each series a few times. */
const isSoak = process.env.COPPICE_TEST_SOAK !== undefined;

/** How often a series is repeated. */
export function repetitions({ test, soak }: { readonly test: number; readonly soak: number }): number {
  return isSoak ? soak : test;
}

/** Numbers from 0 to 1 that differ from run to run. A failing test prints the seed that gives the same ones again. */
export function randomShares(count: number): number[] {
  const seed = Number(process.env.COPPICE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => console.error(`the same moments again: COPPICE_TEST_SEED=${seed}`));
  const thousandths = fc.noBias(fc.integer({ min: 0, max: 1000 }));
  return fc.sample(thousandths, { numRuns: count, seed }).map((share) => share / 1000);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../core/package-root.ts';

/** All runs of one figure, in order. */
export interface Series {
  readonly unit: 'ms' | 's' | 'MB' | '%';
  readonly runs: readonly number[];
}

export interface Figure {
  /** File name below bench/results/, without `.json`. */
  readonly name: string;
  /** What was measured, how, and against what, in a sentence or two. */
  readonly method: string;
  readonly series: Readonly<Record<string, Series>>;
  /** Ratios and sums worth reading, each with the bound that it should reach. */
  readonly reach: readonly { readonly what: string; readonly value: number; readonly bound: number }[];
  /** Anything else that explains the numbers. */
  readonly details?: unknown;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('median of nothing');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Writes the raw result and prints a summary. */
export function report(figure: Figure): void {
  const folder = join(packageRoot(), 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const machine = {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
  const medians = Object.fromEntries(
    Object.entries(figure.series).map(([name, { runs }]) => [name, round(median(runs))]),
  );
  const series = Object.fromEntries(
    Object.entries(figure.series).map(([name, { unit, runs }]) => [name, { unit, runs: runs.map(round) }]),
  );
  const result = { ...figure, series, medians, measured: new Date().toISOString(), machine };
  writeFileSync(join(folder, `${figure.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`\n${figure.name}: ${figure.method}`);
  for (const [name, { unit, runs }] of Object.entries(figure.series)) {
    console.log(
      `  ${name}: median ${round(median(runs))} ${unit} of ${runs.length} (${runs.map(round).join(', ')})`,
    );
  }
  for (const { what, value, bound } of figure.reach) {
    console.log(`  ${what}: ${round(value)} (reach: ${bound})${value > bound ? '  NOT REACHED' : ''}`);
  }
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

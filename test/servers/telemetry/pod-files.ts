import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestPod, uidOf } from './pods-api.ts';

export interface Written {
  readonly container?: string;
  readonly output?: 'stdout' | 'stderr';
  /** `P`: more of the line follows. */
  readonly tag?: 'F' | 'P';
}

/** Writes lines of a pod as the container runtime does. */
export function write(
  podLogs: string,
  pod: TestPod,
  lines: readonly (string | Buffer)[],
  { container = 'web', output = 'stdout', tag = 'F' }: Written = {},
): void {
  const folder = join(podLogs, `${pod.namespace}_${pod.name}_${uidOf(pod)}`, container);
  mkdirSync(folder, { recursive: true });
  const prefix = Buffer.from(`${new Date().toISOString()} ${output} ${tag} `);
  const whole = lines.flatMap((line) => [prefix, Buffer.from(line), Buffer.from('\n')]);
  appendFileSync(join(folder, '0.log'), Buffer.concat(whole));
}

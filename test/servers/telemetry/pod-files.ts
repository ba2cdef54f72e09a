import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
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
  written: Written = {},
): void {
  writeAll(podLogs, pod, [{ lines, ...written }]);
}

interface Part extends Written {
  readonly lines: readonly (string | Buffer)[];
}

/** The same at once: between two writes a record that goes on could count as ended. The file is the first part's. */
export function writeAll(podLogs: string, pod: TestPod, parts: readonly Part[]): void {
  const container = parts[0]?.container ?? 'web';
  const folder = logFolder(podLogs, pod, container);
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, '0.log'), Buffer.concat(parts.map(written)));
}

function written({ lines, output = 'stdout', tag = 'F' }: Part): Buffer {
  const prefix = Buffer.from(`${new Date().toISOString()} ${output} ${tag} `);
  return Buffer.concat(lines.flatMap((line) => [prefix, Buffer.from(line), Buffer.from('\n')]));
}

export const logFolder = (podLogs: string, pod: TestPod, container: string) =>
  join(podLogs, `${pod.namespace}_${pod.name}_${uidOf(pod)}`, container);

/** As the kubelet does; the next line makes a new file. */
export function rotate(podLogs: string, pod: TestPod, container: string, at: string): void {
  const file = join(logFolder(podLogs, pod, container), '0.log');
  renameSync(file, `${file}.${at}`);
}

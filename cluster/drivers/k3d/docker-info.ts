import type { Outcome } from '../../../core/run.ts';
import { outcomeOf } from './command.ts';

/** Milliseconds to wait for Docker: an engine that is just waking up needs some. */
export const PATIENCE_MS = 15_000;

/** The part we read of what `docker info --format '{{json .}}'` prints. */
export interface DockerInfo {
  readonly ID?: string;
  readonly Name?: string;
  readonly ServerVersion?: string;
  readonly ServerErrors?: readonly string[] | null;
  readonly OperatingSystem?: string;
  readonly OSType?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly DriverStatus?: readonly (readonly string[])[] | null;
  readonly DockerRootDir?: string;
}

/** Its standard output is a {@link DockerInfo} as JSON, even if no engine answers. */
export function askDockerInfo(): Promise<Outcome> {
  return outcomeOf('docker', ['info', '--format', '{{json .}}'], { timeout: PATIENCE_MS });
}

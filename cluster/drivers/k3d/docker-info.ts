import type { Outcome } from '../../../core/run.ts';
import { outcomeOf } from './command.ts';

/** Milliseconds for an answer of Docker's: an engine that is just waking up needs some. */
export const PATIENCE_MS = 15_000;

/** What `docker info --format '{{json .}}'` prints, the part that is read. */
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

/** Its standard output is a {@link DockerInfo} as JSON, even where no engine answers. */
export function askDockerInfo(): Promise<Outcome> {
  return outcomeOf('docker', ['info', '--format', '{{json .}}'], { timeout: PATIENCE_MS });
}

import { join } from 'node:path';
import { type Paths, paths } from '../../core/paths.ts';

/**
 * Names of the files that Pulumi's file backend writes below its state folder: `pkg/backend/diy` in pulumi/pulumi, as
 * recorded in test/unit/app/engine/recorded/backend-files.txt. No other file knows them.
 */

/** A stack of Pulumi's file backend. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** What the backend appends to a stack's name. */
const ends = ['.json', '.json.bak', '.json.gz', '.json.gz.bak'];

const root = ({ pulumiState }: Paths) => join(pulumiState, '.pulumi');

/** Holds Pulumi's own log of each run: `organization+shop+feat-b-20261130T110320.log`. */
export function engineLogsFolder({ pulumiHome }: Paths = paths()): string {
  return join(pulumiHome, 'logs');
}

/** Whether a file of that folder is about a stack. */
export function isLogOf({ project, stack }: StackName, file: string): boolean {
  const start = `organization+${project}+${stack}-`;
  return file.startsWith(start) && /^\d{8}T\d{6}\.log$/.test(file.slice(start.length));
}

/** The backend's format; absent until there is a stack. */
export function metaFile(places: Paths = paths()): string {
  return join(root(places), 'meta.yaml');
}

/** Holds a folder for each project that has a stack. */
export function projectsFolder(places: Paths = paths()): string {
  return join(root(places), 'stacks');
}

/** Holds the states of all stacks of a project. */
export function stacksFolder(project: string, places: Paths = paths()): string {
  return join(projectsFolder(places), project);
}

/** The state of a stack. */
export function stateFile({ project, stack }: StackName, places: Paths = paths()): string {
  return join(stacksFolder(project, places), `${stack}.json`);
}

/** The state of a stack on which a `pulumi` worked that compresses. */
export function compressedStateFile(name: StackName, places: Paths = paths()): string {
  return `${stateFile(name, places)}.gz`;
}

/** Where the backend keeps what it writes over in a state file. */
export function backupOf(file: string): string {
  return `${file}.bak`;
}

/** Where `wt` keeps what a state was before the last engine that it started. */
export function copyBefore(name: StackName, places: Paths = paths()): string {
  return `${stateFile(name, places)}.before`;
}

/** Whether a file of {@link historyFolder} is a copy of the state. */
export function isCheckpoint(file: string): boolean {
  return /\.checkpoint\.json(\.gz)?$/.test(file);
}

/** Whether a file of {@link historyFolder} says when an update was and how it ended. */
export function isUpdateRecord(file: string): boolean {
  return /\.history\.json$/.test(file);
}

/** The stack whose state is in a file of {@link stacksFolder}; undefined for its other files. */
export function stackOfFile(file: string): string | undefined {
  return /^(.+)\.json(\.gz)?$/.exec(file)?.[1];
}

/** Copies of the state after each update. */
export function historyFolder({ project, stack }: StackName, places: Paths = paths()): string {
  return join(root(places), 'history', project, stack);
}

/**
 * The update that a file of {@link historyFolder} belongs to: nanoseconds since 1970, with equally many digits until
 * 2262.
 */
export function updateOfFile(file: string): string {
  return /-(\d+)\./.exec(file)?.[1] ?? '';
}

/** Holds a lock, `<random>.json`, while an engine works on the stack. */
export function locksFolder({ project, stack }: StackName, places: Paths = paths()): string {
  return join(root(places), 'locks', 'organization', project, stack);
}

/** Holds copies of the state that a `pulumi` by hand made. */
export function backupsFolder({ project, stack }: StackName, places: Paths = paths()): string {
  return join(root(places), 'backups', project, stack);
}

/**
 * Whether a file of {@link stacksFolder} lies beside the state of that stack and is not of the backend: a damaged state that was
 * kept, by `wt` or by hand, a copy of ours, or what a write left that was killed (`.tmp` is the backend's, the others are ours).
 */
export function isBesideState(file: string, stack: string): boolean {
  if (!file.startsWith(`${stack}.json`)) return false;
  const rest = file.slice(`${stack}.json`.length);
  return /^(\.gz)?(\.bak)?(\.attrs)?(\.damaged[^/]*|\.before|\.whole|(\.before|\.whole)?\.\d+-[0-9a-f]{8}|\.[0-9a-f]+\.tmp)$/.test(
    rest,
  );
}

/** The stack beside whose state a damaged one was kept; undefined for other files. */
export function stackOfDamaged(file: string): string | undefined {
  return /^(.+)\.json(\.gz)?\.damaged/.exec(file)?.[1];
}

/** Where the backend keeps the content type and the digest of one of its files. */
export function attributesFile(file: string): string {
  return `${file}.attrs`;
}

/** The state of a stack and the backend's copies of it, existing or not. */
export function keptFiles({ project, stack }: StackName, places: Paths = paths()): string[] {
  return ends.map((end) => join(stacksFolder(project, places), `${stack}${end}`));
}

/** All that the backend keeps for a stack, existing or not: its history, then its state. */
export function keptPaths(name: StackName, places: Paths = paths()): string[] {
  const files = keptFiles(name, places).flatMap((file) => [file, attributesFile(file)]);
  return [historyFolder(name, places), ...files];
}

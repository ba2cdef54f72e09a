import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import type { Kube } from '../../cluster/kube/client.ts';
import { execInPod } from '../../cluster/kube/exec.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { FillLogin } from '../../servers/postgres/transfer.ts';
import type { Login } from '../../servers/postgres/types.ts';
import { openEnded, type ServerPod, serverPod, withPassword } from '../databases/server-pod.ts';
import { entriesToRestore } from './archive.ts';

/** Bytes that are sent to a pod at once: what a socket has not accepted yet is in memory. */
const PIECE = 16 * 2 ** 20;

export interface DumpRequest {
  readonly database: string;
  /** The superuser's: an owner would miss what other roles created. */
  readonly login: Pick<Login, 'user' | 'password'>;
  /** The snapshot that pg_dump reads, see `pg_export_snapshot`. */
  readonly snapshot: string;
  /** Absolute path, 0600; written completely or not at all. */
  readonly file: string;
  /** Called with the bytes so far. */
  readonly progress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Neither owners nor grants: every object of an app belongs to one role, see servers/postgres/roles/roles.ts. */
const ofNobody = ['--no-owner', '--no-privileges'];

/** @internal Exported for its test, which compares the text. */
export function dumpCommand({
  database,
  user,
  snapshot,
}: {
  readonly database: string;
  readonly user: string;
  readonly snapshot: string;
}): string[] {
  const login = ['--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`];
  return ['pg_dump', ...login, ...ofNobody, '--format=custom', `--snapshot=${snapshot}`];
}

/**
 * `list` and `dump` are paths in the server's pod.
 *
 * @internal Exported for its test, which compares the text.
 */
export function restoreCommand({
  database,
  user,
  list,
  dump,
}: {
  readonly database: string;
  readonly user: string;
  readonly list: string;
  readonly dump: string;
}): string[] {
  const login = ['--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`];
  return [
    // A flush for each of its transactions would only cost time: a half restored database is dropped.
    ...['env', 'PGOPTIONS=-c synchronous_commit=off', 'pg_restore', ...login, ...ofNobody],
    ...['--exit-on-error', '--jobs=2', `--use-list=${list}`, dump],
  ];
}

/**
 * Dumps a database with the pg_dump in the server's pod, in its custom format. Throws COPPICE_DUMP,
 * COPPICE_INTERRUPTED.
 */
export async function dumpDatabase(kube: Kube, request: DumpRequest): Promise<void> {
  const { database, login, snapshot, file, progress, signal } = request;
  const place = await serverPod(kube);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  await rm(part, { force: true });
  const written = createWriteStream(part, { mode: 0o600 });
  let bytes = 0;
  const counted = new PassThrough();
  counted.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    progress(bytes);
  });
  counted.pipe(written);
  const words = dumpCommand({ database, user: login.user, snapshot });
  const command = await withPassword(kube, place, login.password, words);
  try {
    await runIn(kube, place, { what: `the dump of ${database}`, command, stdout: counted, signal });
    counted.end();
    await finished(written);
  } catch (error) {
    written.destroy();
    throw error;
  }
  const whole = await open(part, 'r');
  await whole.sync().finally(() => whole.close());
  await rename(part, file);
}

/** Restores a dump into an existing, empty database, as its owner. Throws COPPICE_DUMP, COPPICE_INTERRUPTED. */
export async function restoreDump(
  kube: Kube,
  {
    file,
    filling,
    signal,
  }: { readonly file: string; readonly filling: FillLogin; readonly signal: AbortSignal },
): Promise<void> {
  const place = await serverPod(kube);
  const { database, user, password, schemas } = filling;
  const folder = `/tmp/coppice-restore-${randomBytes(8).toString('hex')}`;
  const [dump, list] = [`${folder}/dump`, `${folder}/list`];
  const what = `the restore of ${file}`;
  try {
    await runIn(kube, place, { what, command: ['mkdir', '-m', '700', folder], signal });
    await send(kube, place, dump, createReadStream(file, { highWaterMark: PIECE }), signal);
    const stdout = new PassThrough();
    const [contents] = await Promise.all([
      text(stdout),
      runIn(kube, place, { what, command: ['pg_restore', '--list', dump], stdout, signal }),
    ]);
    const wanted = Buffer.from(entriesToRestore(contents, schemas));
    await send(kube, place, list, Readable.from([wanted]), signal);
    const words = restoreCommand({ database, user, list, dump });
    const command = await withPassword(kube, place, password, words);
    await runIn(kube, place, { what, command, signal });
  } finally {
    await runIn(kube, place, { what, command: ['rm', '-rf', folder] }).catch(() => undefined);
  }
}

/** Writes a file in the pod, in pieces. Throws COPPICE_DUMP when a piece arrived incompletely. */
async function send(
  kube: Kube,
  place: ServerPod,
  file: string,
  pieces: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  let sent = 0;
  for await (const piece of pieces) {
    sent += piece.length;
    const script = `head -c ${piece.length} >> "$0" && test "$(wc -c < "$0")" -eq ${sent}`;
    const command = ['sh', '-c', script, file];
    await runIn(kube, place, { what: `sending ${file}`, command, stdin: openEnded(piece), signal });
  }
}

interface Command {
  /** For error messages. */
  readonly what: string;
  readonly command: readonly string[];
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly signal?: AbortSignal;
}

/** Runs a command in the server's pod. Throws COPPICE_DUMP with its last output unless it ended with 0. */
async function runIn(kube: Kube, place: ServerPod, { what, ...request }: Command): Promise<void> {
  const stdout = request.stdout ?? new PassThrough().resume();
  const stderr = new PassThrough();
  const messages: Buffer[] = [];
  stderr.on('data', (chunk: Buffer) => messages.push(chunk));
  const code = await execInPod(kube, { ...place, ...request, stdout, stderr });
  if (code === 0) return;
  const last = Buffer.concat(messages).toString('utf8').trim().split('\n').slice(-5);
  throw new CoppiceError(
    'COPPICE_DUMP',
    [`${what} ended with exit code ${code}`, ...last.map((line) => `  | ${line}`)].join('\n'),
  );
}

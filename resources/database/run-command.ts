import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Kube } from '../../cluster/kube/client.ts';
import { type JobPreparation, type JobRequest, runJob } from '../../cluster/kube/jobs.ts';
import type { DatabaseCommandPlan, InstallPlan } from '../../config/plan/environment-plan.ts';
import {
  emptyItems,
  emptyKey,
  installMounts,
  ownInstallVolumes,
  type PodVariable,
  plainVariables,
  secretVariables,
  worktreeMounts,
  worktreeVolumes,
} from '../../config/plan/worktree-pod.ts';
import { appFolder } from '../../config/spec/app-folder.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Label, managedBy, platformNamespace } from '../../core/labels.ts';
import { commandLine } from '../../core/text/command-line.ts';
import type { CommandRun, DumpText, RunCommand } from '../../servers/postgres/types.ts';
import { makeMountPoints } from '../install/mount-points.ts';
import { archiveScript } from './archive-script.ts';
import type { DatabaseInputs } from './contract.ts';
import { openDump, type ReadArchive } from './open-dump.ts';
import { accessOf } from './secret.ts';
import { unchangedDump, whileUnchanged } from './unchanged.ts';

export interface Where {
  readonly inputs: DatabaseInputs;
  /** Where pods reach the server. */
  readonly address: { readonly host: string; readonly port: number };
  readonly ssl: boolean;
}

/** A big dump takes time, and no setting limits it. */
const restoreSeconds = 3600;
/** Paths in the pod that reads an archive. */
const dumpFile = '/dump/file';
const textFolder = '/text';

/**
 * Runs the app's commands as Jobs, in the platform's namespace: a template belongs to no environment. Throws
 * COPPICE_FILE_CHANGED, and what a Job throws.
 */
export function commandsInCluster(kube: Kube, where: Where): RunCommand {
  return async (run) => {
    const name = `${run.kind}-${randomBytes(5).toString('hex')}`;
    const install = installFor(where.inputs, run.kind);
    if (install) await makeMountPoints({ ...where.inputs, install });
    await whileUnchanged(where.inputs, run.kind, async () => {
      await runJob(kube, jobRequest(where, run, name));
    });
  };
}

/**
 * How a dump is opened: an archive is made a text by PostgreSQL's own program, in a Job. Throws COPPICE_DUMP,
 * COPPICE_FILE_CHANGED, and what a Job throws.
 */
export function dumpInCluster(
  kube: Kube,
  inputs: DatabaseInputs,
  signal: AbortSignal,
): () => Promise<DumpText> {
  return async () => {
    const read: ReadArchive = async (from, to) => {
      const archive = { from, isFolder: (await stat(from)).isDirectory(), to };
      await runJob(
        kube,
        archiveRequest(inputs, `archive-${randomBytes(5).toString('hex')}`, archive, signal),
      );
    };
    return unchangedDump(inputs, await openDump(inputs, read, signal));
  };
}

/**
 * The Job to run.
 *
 * @internal Its test compares what it writes.
 */
export function jobRequest(where: Where, run: CommandRun, name: string): JobRequest {
  const { inputs, address, ssl } = where;
  const { app, environment, uid, gid } = inputs;
  const access = accessOf(run.database, run.password, address, ssl);
  return {
    namespace: platformNamespace,
    name,
    code: 'COPPICE_MIGRATION',
    hint: 'correct it, then run this again; `wt db status` shows what is applied',
    labels: { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment },
    secret: { ...access, user: run.user, url: urlFor(access.url, run), [emptyKey]: '' },
    user: { uid, gid },
    signal: run.signal,
    ...running(inputs, run, run.kind, name),
  };
}

type Particular = Pick<JobRequest, 'what' | 'image' | 'command' | 'variables' | 'volumes' | 'mounts'> &
  Pick<JobRequest, 'timeoutSeconds' | 'workingDir'>;

function running(
  inputs: DatabaseInputs,
  run: CommandRun,
  kind: CommandRun['kind'],
  name: string,
): Particular {
  const { source, app } = inputs;
  const { image, command, env, secretEnv, timeoutSeconds } = commandOf(inputs, kind);
  const install = installFor(inputs, kind);
  return {
    what: `${kind} of ${app} (${commandLine(command)})`,
    image,
    command,
    ...(source.kind === 'mount' ? { workingDir: appFolder } : {}),
    variables: [
      ...login(name),
      ...plainVariables({ HOME: '/tmp', ...env, PGAPPNAME: run.session }),
      ...secretVariables(secretEnv, { database: name }),
    ],
    ...(install && { before: preparation(install) }),
    volumes: [
      ...worktreeVolumes(source, { secret: { secretName: name, items: emptyItems } }),
      ...ownInstallVolumes(install),
    ],
    mounts: [...worktreeMounts(source), ...installMounts(install)],
    timeoutSeconds,
  };
}

/** The volume of the environment's services is out of reach: a template belongs to no environment. */
function installFor(inputs: DatabaseInputs, kind: CommandRun['kind']): InstallPlan | undefined {
  const { image } = commandOf(inputs, kind);
  return inputs.installs?.find((install) => install.image === image);
}

function preparation({ command, timeoutSeconds }: InstallPlan): JobPreparation {
  const variables = plainVariables({ HOME: '/tmp' });
  return { what: `install (${commandLine(command)})`, command, variables, timeoutSeconds };
}

interface Archive {
  readonly from: string;
  readonly isFolder: boolean;
  readonly to: string;
}

/**
 * The Job that makes a text of an archive; `from`, a file or folder, and `to` are on this machine.
 *
 * @internal Its test compares what it writes.
 */
export function archiveRequest(
  { app, environment, uid, gid, image, mountPath }: DatabaseInputs,
  name: string,
  { from, isFolder, to }: Archive,
  signal: AbortSignal,
): JobRequest {
  if (image === undefined || mountPath === undefined) {
    const missing = image === undefined ? 'the cluster has no image of postgres' : 'its nodes do not see it';
    throw new CoppiceError('COPPICE_DUMP', `the dump ${from} cannot be restored: ${missing}`, {
      hint: 'make a text of it: `pg_restore --file=dump.sql …`; or run `wt cluster start` again, or set existing.mountPath in the settings',
    });
  }
  const host = (path: string) => join(mountPath, path);
  return {
    namespace: platformNamespace,
    name,
    code: 'COPPICE_DUMP',
    labels: { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: environment },
    what: `pg_restore of ${app} (${from})`,
    image,
    command: ['sh', '-c', archiveScript],
    variables: plainVariables({ HOME: '/tmp', DUMP: dumpFile, TEXT: join(textFolder, basename(to)) }),
    secret: {},
    volumes: [
      { name: 'dump', hostPath: { path: host(from), type: isFolder ? 'Directory' : 'File' } },
      { name: 'text', hostPath: { path: host(dirname(to)), type: 'Directory' } },
      { name: 'tmp', emptyDir: {} },
    ],
    mounts: [
      { name: 'dump', mountPath: dumpFile, readOnly: true },
      { name: 'text', mountPath: textFolder },
      { name: 'tmp', mountPath: '/tmp' },
    ],
    user: { uid, gid },
    timeoutSeconds: restoreSeconds,
    signal,
  };
}

function commandOf({ database }: DatabaseInputs, kind: CommandRun['kind']): DatabaseCommandPlan {
  const { migrate, seed } = database;
  const command = kind === 'migrate' ? migrate : seed?.kind === 'command' ? seed : undefined;
  if (!command) throw new Error(`the plan of ${database.name} has no command to ${kind}`);
  return command;
}

/** Read by every client of PostgreSQL: https://www.postgresql.org/docs/18/libpq-envars.html */
const libpq = {
  DATABASE_URL: 'url',
  PGHOST: 'host',
  PGPORT: 'port',
  PGDATABASE: 'name',
  PGUSER: 'user',
  PGPASSWORD: 'password',
} as const;

function login(secret: string): PodVariable[] {
  return Object.entries(libpq).map(([name, key]) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  }));
}

function urlFor(url: string, { user }: CommandRun): string {
  const changed = new URL(url);
  changed.username = user;
  return changed.href;
}

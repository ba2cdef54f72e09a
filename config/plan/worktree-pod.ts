import { appFolder } from '../spec/app-folder.ts';
import { partsOf } from '../spec/references/secret-text.ts';
import type { SecretName, SecretReference } from '../spec/references/secrets.ts';
import type { InstallPlan, SourcePlan } from './environment-plan.ts';

/**
 * What all pods with a worktree's files have in common, services and one-off commands alike: plain data, defined once
 * so that neither can be laxer than the other.
 */

/** Seconds between SIGTERM and SIGKILL: long enough for a server to close, short enough to wait for. */
export const graceSeconds = 2;

/** The owner of the worktree: everything in the pod runs as this user. */
export interface PodUser {
  readonly uid: number;
  readonly gid: number;
}

export function podBase({ uid, gid }: PodUser) {
  return {
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    // The pause container is process 1, so SIGTERM ends a plain node process at once instead of being ignored.
    shareProcessNamespace: true,
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: {
      runAsUser: uid,
      runAsGroup: gid,
      fsGroup: gid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

export const containerSecurity = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/**
 * Kubernetes would expand `$(NAME)` itself, before any shell sees it:
 * https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 */
export function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

export interface PodVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** Variables with their literal text. */
export function plainVariables(env: Readonly<Record<string, string>>): PodVariable[] {
  return Object.entries(env).map(([name, value]) => ({ name, value: literal(value) }));
}

/**
 * Variables whose text refers to keys of Secrets: the node inserts the values (`$(NAME)`), so that they appear in no
 * object and no state. Only keys that are referred to are passed on. `secrets`: their names in the pod's namespace.
 */
export function secretVariables(
  env: Readonly<Record<string, string>>,
  secrets: Readonly<Partial<Record<SecretName, string>>>,
): PodVariable[] {
  const texts = Object.entries(env).map(([name, value]) => ({ name, parts: partsOf(value) }));
  const referred = new Map<string, SecretReference>();
  for (const { parts } of texts)
    for (const part of parts) if ('key' in part) referred.set(hiddenName(part), part);
  const hidden = [...referred]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { secret, key }]) => {
      const object = secrets[secret];
      if (object === undefined) throw new Error(`this pod has no Secret of ${secret}`);
      return { name, valueFrom: { secretKeyRef: { name: object, key } } };
    });
  const shown = texts.map(({ name, parts }) => ({
    name,
    value: parts.map((part) => ('key' in part ? `$(${hiddenName(part)})` : literal(part.text))).join(''),
  }));
  return [...hidden, ...shown];
}

/** Specs may not use names that begin with COPPICE_. */
function hiddenName({ secret, key }: SecretReference): string {
  return `COPPICE_${secret}_${key}`.toUpperCase();
}

/** An object in the pod's namespace that contains one empty file, as a volume without its name. */
export type EmptyFile =
  | { readonly configMap: { readonly name: string; readonly items: { key: string; path: string }[] } }
  | { readonly secret: { readonly secretName: string; readonly items: { key: string; path: string }[] } };
/** Key and file name in that object. */
export const emptyKey = 'empty';
/** The ConfigMap with it in an environment's namespace, to mount over `.git` where that is a file. */
export const emptyFileName = 'empty-file';
export const emptyItems = [{ key: emptyKey, path: emptyKey }];

export interface PodMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

/**
 * Covers `.git` in a pod. A pod that could write there could leave a hook that the next `git commit` runs on the host,
 * outside of every limit of the pod. In a linked worktree `.git` is a file, and a folder cannot be mounted over a file.
 */
export function worktreeVolumes(source: SourcePlan, emptyFile: EmptyFile) {
  if (source.kind === 'image') return [];
  const app = { name: 'app', hostPath: { path: source.hostPath, type: 'Directory' } };
  if (source.git === 'none') return [app];
  return [app, source.git === 'folder' ? { name: 'no-git', emptyDir: {} } : { name: 'no-git', ...emptyFile }];
}

export function worktreeMounts(source: SourcePlan): PodMount[] {
  if (source.kind === 'image') return [];
  const app = { name: 'app', mountPath: appFolder };
  if (source.git === 'none') return [app];
  const cover = { name: 'no-git', readOnly: true, mountPath: `${appFolder}/.git` };
  return [app, source.git === 'folder' ? cover : { ...cover, subPath: emptyKey }];
}

/** The volume with what `install:` installed; undefined if the worktree's own folders serve. */
export function installVolumes(install: Pick<InstallPlan, 'name'> | undefined) {
  if (install === undefined) return [];
  return [{ name: installVolume, persistentVolumeClaim: { claimName: install.name } }];
}

/** The same for a pod that installs for itself alone: its namespace has no such volume. */
export function ownInstallVolumes(install: InstallPlan | undefined) {
  return install === undefined ? [] : [{ name: installVolume, emptyDir: {} }];
}

/**
 * One volume for all folders: each is a folder of the same name in it, never its root, which may contain `lost+found`.
 */
export function installMounts(install: Pick<InstallPlan, 'folders'> | undefined): PodMount[] {
  const { folders = [] } = install ?? {};
  return folders.map((folder) => ({
    name: installVolume,
    mountPath: `${appFolder}/${folder}`,
    subPath: folder,
  }));
}

const installVolume = 'installed';

import type { core } from '@pulumi/kubernetes/types/input.js';

/** The ConfigMap whose one key is an empty file. */
export const emptyFile = { name: 'empty-file', key: 'empty' } as const;

interface Cover {
  readonly volume: core.v1.Volume;
  readonly mount: Omit<core.v1.VolumeMount, 'mountPath'>;
}

/**
 * What lies over `.git` in a pod. A pod that could write there could leave a hook that the next `git commit` runs on
 * the host, outside of every limit that the pod has.
 */
export const gitCover: Readonly<Record<'folder' | 'file', Cover>> = {
  folder: {
    volume: { name: 'no-git', emptyDir: {} },
    mount: { name: 'no-git', readOnly: true },
  },
  // In a linked worktree `.git` is a file, and a folder cannot be mounted over a file.
  file: {
    volume: {
      name: 'no-git',
      configMap: { name: emptyFile.name, items: [{ key: emptyFile.key, path: emptyFile.key }] },
    },
    mount: { name: 'no-git', readOnly: true, subPath: emptyFile.key },
  },
};

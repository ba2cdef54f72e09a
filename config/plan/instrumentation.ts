import type { Instrumented } from '../spec/schema/telemetry.ts';

/** What a pod mounts to be traced: files of this package, in a ConfigMap of its namespace. */
export interface InstrumentationFiles {
  /** Name of the ConfigMap and of the volume. */
  readonly name: string;
  /** Folder in the pod. */
  readonly folder: string;
  /** Key in the ConfigMap and path below the folder, of each file. */
  readonly files: readonly { readonly key: string; readonly path: string }[];
}

export const instrumentationOf: Readonly<Record<Instrumented, InstrumentationFiles>> = {
  node: {
    name: 'instrument-node',
    folder: '/opt/coppice/instrument-node',
    files: [
      { key: 'preload.cjs', path: 'preload.cjs' },
      { key: 'sdk.cjs', path: 'sdk.cjs' },
      { key: 'hook.mjs', path: 'hook.mjs' },
      { key: 'register.js', path: 'lib/register.js' },
      { key: 'package.json', path: 'package.json' },
    ],
  },
};

/**
 * NODE_OPTIONS of a process that is traced; `own`: what is set there already. `--require` and not `--import`, which an
 * older node refuses, and the app with it.
 */
export function nodeOptions(own: string | undefined, folder = instrumentationOf.node.folder): string {
  const path = `${folder}/preload.cjs`;
  // A blank would end the option.
  const option = /[\s"\\]/.test(path) ? `"--require=${path.replace(/["\\]/g, '\\$&')}"` : `--require=${path}`;
  return own === undefined || own === '' ? option : `${option} ${own}`;
}

import type { Instrumented } from '../spec/schema/telemetry.ts';

/** What a pod mounts to be traced: files of this package, in a ConfigMap of its namespace. */
export interface InstrumentationFiles {
  /** Name of the ConfigMap and of the volume. */
  readonly name: string;
  /** Folder in the pod. */
  readonly folder: string;
  /** Key in the ConfigMap and path below the folder, of each file. An archive (`.zip`) is binary. */
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
  python: {
    name: 'instrument-python',
    folder: '/opt/coppice/instrument-python',
    files: [
      { key: 'sitecustomize.py', path: 'sitecustomize.py' },
      { key: 'packages.zip', path: 'packages.zip' },
      ...[
        '__init__',
        'choice',
        'ending',
        'instrument',
        'log_lines',
        'programs',
        'sdk',
        'sending',
        'spans',
        'versions',
        'watch',
      ].map((name) => ({
        key: `coppice_instrument.${name}.py`,
        path: `coppice_instrument/${name}.py`,
      })),
    ],
  },
};

/** What loads each language's files into a process: a variable, with the service's own value kept in it. */
const loading: Readonly<
  Record<Instrumented, { variable: string; valueWith(own: string | undefined): string }>
> = {
  node: { variable: 'NODE_OPTIONS', valueWith: (own) => nodeOptions(own) },
  python: {
    variable: 'PYTHONPATH',
    valueWith: (own) => [instrumentationOf.python.folder, ...(own ? [own] : [])].join(':'),
  },
};

/** The variables of a process that is traced; `own`: those that the service sets itself. */
export function loadingVariables(
  languages: readonly Instrumented[],
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    languages.map((language) => {
      const { variable, valueWith } = loading[language];
      return [variable, valueWith(own[variable])];
    }),
  );
}

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

import type { Path } from '../../yaml/data.ts';
import { installSpec } from '../schema/install.ts';
import type { Spec } from '../schema/spec.ts';

/** A command and variables, with where they are written. */
export interface WrittenProcess {
  readonly place: Path;
  readonly what: string;
  readonly command?: string | readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What runs in pods: services, the commands of the database, and the install. */
export function processesOf({ services, database, install }: Spec): WrittenProcess[] {
  const { migrate, seed } = database ?? {};
  return [
    ...Object.entries(services).map(([name, { command, env }]) => ({
      place: ['services', name],
      what: `service ${name}`,
      command,
      env,
    })),
    ...Object.entries({ migrate, seed }).flatMap(([section, written]) =>
      typeof written === 'object'
        ? [{ place: ['database', section], what: `database.${section}`, ...written }]
        : [],
    ),
    ...(install === undefined
      ? []
      : [{ place: ['install'], what: 'install', command: installSpec(install).command }]),
  ];
}

import { z } from 'zod';
import { defined } from '../../../core/defined.ts';
import type { NothingLeft } from '../../../core/exhaustive.ts';
import { command, duration, inside, text } from './values.ts';

const defaultFolders: readonly string[] = ['node_modules'];
const defaultTimeout = '10m';

const commandWords = command.describe(
  'Runs in /app, in the image of the services: text runs with `sh -c`, a list is executed as it is.',
);
const folder = inside
  .refine((path) => !/^(\.\/)*\.?$/.test(path), { error: 'must be a folder below this one' })
  .refine((path) => !/(^|\/)\.git(\/|$)/.test(path), { error: 'must not be in .git' })
  // https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#volumemount-v1-core
  .refine((path) => !path.includes(':'), {
    error: 'must not contain a colon, as no volume can be mounted there',
  });

const fields = {
  folders: z
    .array(folder)
    .min(1, { error: 'must not be empty' })
    .optional()
    .describe('Folders that the command fills: a volume covers them in the pods. Default: `node_modules`.'),
  inputs: z
    .array(inside)
    .min(1, { error: 'must not be empty' })
    .optional()
    .describe(
      'Files that decide what is installed, as patterns; it runs again when they change. Default: the lock files.',
    ),
  services: z
    .array(text)
    .min(1, { error: 'must not be empty' })
    .optional()
    .describe('Services that it is for, in the image of each. Default: those with a `runtime`.'),
  timeout: duration
    .optional()
    .describe(
      `Stopped after this time, in seconds (\`90s\`) or minutes (\`5m\`); default: ${defaultTimeout}.`,
    ),
};
const error = 'must be a command, or a map with one';
const meaning =
  'Where programs of this machine do not run on the nodes (macOS): the command that installs what the pods need, in the image of the services, into a volume over `node_modules`.';

export const install = z
  .union([command, z.strictObject({ command: commandWords, ...fields }).meta({ title: 'Install' })], {
    error,
  })
  .describe(meaning);

/** The written section, in its long form. */
export interface InstallSpec {
  readonly command: string | readonly string[];
  readonly folders: readonly string[];
  /** Absent: the lock files that exist. */
  readonly inputs?: readonly string[];
  /** Absent: all that have a runtime. */
  readonly services?: readonly string[];
  readonly timeout: string;
}

type Written = z.infer<typeof install>;

export function installSpec(written: Written): InstallSpec {
  const long: Extract<Written, { command: unknown }> =
    typeof written === 'string' || Array.isArray(written) ? { command: written } : written;
  const { command, folders = defaultFolders, timeout = defaultTimeout, inputs, services, ...rest } = long;
  rest satisfies NothingLeft<typeof rest>;
  return { command, folders, timeout, ...defined({ inputs, services }) };
}

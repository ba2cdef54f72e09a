import { z } from 'zod';

/** Kinds of values that several sections of the settings have. */

export const port = z.int().min(1).max(65535);
export const volume = z.union([
  z.strictObject({
    hostPath: z.string().startsWith('/').describe('Folder on the node that keeps the data.'),
  }),
  z.strictObject({
    size: z.string().describe('Size of a persistent volume claim: 20Gi.'),
    storageClass: z.string().optional().describe("Its storage class. Default: the cluster's default class."),
  }),
]);
export const absolute = z.string().startsWith('/');
/** Where to read a secret from, never the secret. */
export const secretSource = z.union(
  [
    z.strictObject({ env: z.string().min(1).describe('Name of an environment variable.') }),
    z.strictObject({ file: absolute.describe('Path of a file.') }),
  ],
  { error: 'must say where to find it: {env: NAME} or {file: PATH}' },
);
export type SecretSource = z.infer<typeof secretSource>;

import { z } from 'zod';
import { absolute, port, secretSource } from './values.ts';

const addressRule = 'must be HOST:PORT, such as temporal.example.com:7233';
const host = /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/;
const address = z.string({ error: addressRule }).refine(
  (text) => {
    const colon = text.lastIndexOf(':');
    return host.test(text.slice(0, colon)) && port.safeParse(Number(text.slice(colon + 1))).success;
  },
  { error: addressRule },
);

const patternRule = 'must contain {app} and {slug}, or environments would share one namespace';
/** What Temporal Cloud and the server accept in a name: https://docs.temporal.io/cloud/namespaces */
const pattern = z
  .string({ error: patternRule })
  .refine((text) => text.includes('{app}') && text.includes('{slug}'), { error: patternRule })
  .refine((text) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text.replace(/\{(app|slug)\}/g, 'a')), {
    error: 'must be letters, digits, dashes and dots around {app} and {slug}',
  });

const tls = z
  .strictObject({
    serverName: z
      .string()
      .min(1)
      .optional()
      .describe("Name that the server's certificate must have. Default: the host of the address."),
    ca: absolute.optional().describe("PEM file of the authority that signed the server's certificate."),
    cert: absolute.optional().describe('PEM file of our client certificate.'),
    key: absolute.optional().describe('PEM file of its private key.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    error: 'must have both cert and key, or neither',
  });

/** `temporal.managed` in the settings: a server outside, self-hosted or Temporal Cloud. */
export const managedTemporal = z.strictObject({
  address: address.describe('HOST:PORT of its frontend, as this machine reaches it.'),
  cluster: address.optional().describe("HOST:PORT for pods, if it differs from this machine's."),
  tls: tls.optional().describe('Use TLS; `{}` is enough. Default: no TLS, unless there is an API key.'),
  apiKey: secretSource.optional().describe('Where to find an API key.'),
  namespaces: z
    .enum(['create', 'existing'])
    .default('create')
    .describe('`existing`: an administrator creates and deletes namespaces, as on Temporal Cloud.'),
  namespace: pattern
    .default('wt-{app}--{slug}')
    .describe("Name of an environment's namespace, built from {app} and {slug}."),
});

export type ManagedTemporalSettings = z.infer<typeof managedTemporal>;

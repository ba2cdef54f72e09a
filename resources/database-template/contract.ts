import type { Contract } from '../contract.ts';
import type { DatabaseInputs } from '../database/contract.ts';

/**
 * The template of an environment whose database the plugin of `@pulumi/postgresql` makes; the plugin has no word for
 * that. It is built when a clone of it is needed. Others may use it, so it stays; what nothing uses is collected.
 */
export const databaseTemplateContract: Contract<'DatabaseTemplate', DatabaseInputs, DatabaseTemplateOutputs> =
  {
    token: 'coppice:index:DatabaseTemplate',
    words: 'database template',
    outputs: {
      template: undefined,
      host: undefined,
      port: undefined,
      username: undefined,
      sslmode: undefined,
      maintenance: undefined,
    },
  };

/** What the plugin must be told. */
export interface DatabaseTemplateOutputs extends DatabaseInputs {
  /** Name of the template; where the database is there already, of the one that it was cloned from. */
  readonly template: string;
  readonly host: string;
  readonly port: string;
  readonly username: string;
  readonly sslmode: string;
  readonly maintenance: string;
}

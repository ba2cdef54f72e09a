import type { Contract } from '../contract.ts';
import type { DatabaseInputs } from '../database/contract.ts';

/**
 * The template for a database that the plugin of `@pulumi/postgresql` creates; the plugin itself has no templates. It
 * is built when a clone of it is needed. Others may use it, so it stays; unused ones are removed by a sweep.
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

/** The settings of the plugin. */
export interface DatabaseTemplateOutputs extends DatabaseInputs {
  /** Name of the template; if the database exists, of the one from which it was cloned. */
  readonly template: string;
  readonly host: string;
  readonly port: string;
  readonly username: string;
  readonly sslmode: string;
  readonly maintenance: string;
}

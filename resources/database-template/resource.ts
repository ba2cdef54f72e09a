import type { Input, Output } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions, ProviderResource } from '@pulumi/pulumi/resource.js';
import type { DatabaseInputs } from '../database/contract.ts';

/** Version of the npm package @pulumi/postgresql whose properties are used here, and so of its plugin. */
export const postgresqlVersion = '3.18.1';

export interface PostgresqlArgs {
  readonly host: Input<string>;
  readonly port: Input<string>;
  readonly username: Input<string>;
  readonly sslmode: Input<string>;
  readonly database: Input<string>;
}

/** Without a password, which the state would hold: the plugin takes it from PGPASSWORD. */
export class PostgresqlProvider extends ProviderResource {
  constructor(name: string, args: PostgresqlArgs, options: CustomResourceOptions) {
    // Provider settings that are not text are passed as JSON. It must not read the passwords of others.
    super('postgresql', name, { ...args, superuser: 'false' }, { ...options, version: postgresqlVersion });
  }
}

interface Kinds {
  Role: { readonly name: string; readonly login: boolean; readonly roles: readonly string[] };
  Database: {
    readonly name: string;
    readonly template: Input<string>;
    readonly encoding: string;
    readonly lcCollate: string;
    readonly lcCtype: string;
  };
  Grant: {
    readonly database: Input<string>;
    readonly role: string;
    readonly objectType: 'database';
    readonly privileges: readonly string[];
  };
}

/** A resource of the official plugin, the same in the state as the classes of @pulumi/postgresql. */
export class PostgresqlObject<K extends keyof Kinds> extends CustomResource {
  constructor(kind: K, name: string, args: Kinds[K], options: CustomResourceOptions) {
    const module = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}`;
    super(
      `postgresql:index/${module}:${kind}`,
      name,
      { ...args },
      { ...options, version: postgresqlVersion },
    );
  }
}

/** The template of an environment's database, made by our own code: the plugin has no word for that. */
export class DatabaseTemplate extends CustomResource {
  declare readonly template: Output<string>;
  declare readonly host: Output<string>;
  declare readonly port: Output<string>;
  declare readonly username: Output<string>;
  declare readonly sslmode: Output<string>;
  declare readonly maintenance: Output<string>;

  constructor(name: string, inputs: DatabaseInputs, options: CustomResourceOptions) {
    const login = { host: undefined, port: undefined, username: undefined, sslmode: undefined };
    const outputs = { template: undefined, maintenance: undefined, ...login };
    super('coppice:index:DatabaseTemplate', name, { ...inputs, ...outputs }, options);
  }
}

/** Password, migrations and Secret of a database that the plugin made. */
export class DatabaseAccess extends CustomResource {
  constructor(
    name: string,
    inputs: DatabaseInputs & { readonly template: Input<string> },
    options: CustomResourceOptions,
  ) {
    super('coppice:index:DatabaseAccess', name, { ...inputs }, options);
  }
}

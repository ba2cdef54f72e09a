import type { Input } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions, ProviderResource } from '@pulumi/pulumi/resource.js';

/**
 * Version of the npm package @pulumi/postgresql whose properties are used here, and so of its plugin.
 *
 * @internal A test ties it to its other copies.
 */
export const postgresqlVersion = '3.18.1';

export interface PostgresqlArgs {
  readonly host: Input<string>;
  readonly port: Input<string>;
  readonly username: Input<string>;
  readonly sslmode: Input<string>;
  readonly database: Input<string>;
}

/** Without a password, which would be in the state: the plugin reads it from PGPASSWORD. */
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

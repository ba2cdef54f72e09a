import type { CustomResourceOptions, Resource } from '@pulumi/pulumi/resource.js';
import { defined } from '../../../core/defined.ts';
import type { DatabaseInputs } from '../../../resources/database/contract.ts';
import { DatabaseAccess } from '../../../resources/database-access/resource.ts';
import { DatabaseTemplate } from '../../../resources/database-template/resource.ts';
import { PostgresqlObject, PostgresqlProvider } from './plugin.ts';

/**
 * An environment's database where a team wants role, database and grants as resources of @pulumi/postgresql: complete
 * once the last of them exists. `options` are those of a resource of our own provider.
 */
export function createWithPostgresql(inputs: DatabaseInputs, options: CustomResourceOptions): Resource {
  const { name, owner } = inputs.database;
  const template = new DatabaseTemplate('template', inputs, options);
  const { host, port, username, sslmode, maintenance } = template;
  const { parent } = options;
  const provider = new PostgresqlProvider(
    'postgresql',
    { host, port, username, sslmode, database: maintenance },
    parent ? { parent } : {},
  );
  const theirs = { ...defined({ parent }), provider, deleteBeforeReplace: true };
  // The owner was created with the template; every environment of the app shares it, so it belongs to none of them.
  const role = new PostgresqlObject(
    'Role',
    'login',
    { name, login: true, roles: [owner] },
    { ...theirs, dependsOn: [template] },
  );
  const database = new PostgresqlObject(
    'Database',
    'clone',
    // Otherwise it requests UTF8 and the collation C, which the template need not have.
    { name, template: template.template, encoding: 'DEFAULT', lcCollate: 'DEFAULT', lcCtype: 'DEFAULT' },
    // A change of these would replace the database. A new template does not change a clone.
    { ...theirs, dependsOn: [role], ignoreChanges: ['template', 'encoding', 'lcCollate', 'lcCtype'] },
  );
  const grant = (to: string, privileges: readonly string[], after: Resource) =>
    new PostgresqlObject(
      'Grant',
      `connect-${to === name ? 'login' : to}`,
      { database: name, role: to, objectType: 'database', privileges },
      { ...theirs, dependsOn: [after] },
    );
  // One after the other: they change the same row of a catalogue, where PostgreSQL does not wait but fails.
  const grants = grant(name, ['CONNECT'], grant('public', [], database));
  return new DatabaseAccess(
    'database',
    { ...inputs, template: template.template },
    { ...options, dependsOn: [...dependsOf(options), grants] },
  );
}

function dependsOf({ dependsOn }: CustomResourceOptions): Resource[] {
  return Array.isArray(dependsOn) ? (dependsOn as Resource[]) : [];
}

import { databaseContract } from './database/contract.ts';
import { databaseAccessContract } from './database-access/contract.ts';
import { databaseTemplateContract } from './database-template/contract.ts';
import { definitionsContract } from './definitions/contract.ts';
import { environmentContract } from './environment/contract.ts';
import type { Handler, HandlerOf } from './handler.ts';
import { installContract } from './install/contract.ts';
import { instrumentationContract } from './instrumentation/contract.ts';
import { passwordContract } from './password/contract.ts';
import { platformContract } from './platform/contract.ts';
import { readyContract } from './ready/contract.ts';
import { sqliteContract } from './sqlite-database/contract.ts';
import { temporalContract } from './temporal-namespace/contract.ts';

/** Every resource of our provider. */
export const contracts = {
  Database: databaseContract,
  DatabaseAccess: databaseAccessContract,
  DatabaseTemplate: databaseTemplateContract,
  Definitions: definitionsContract,
  Environment: environmentContract,
  Install: installContract,
  Instrumentation: instrumentationContract,
  Password: passwordContract,
  Platform: platformContract,
  Ready: readyContract,
  SqliteDatabase: sqliteContract,
  TemporalNamespace: temporalContract,
};

type Contracts = typeof contracts;

/**
 * The handler of each, loaded when the first resource of its kind is requested.
 *
 * @internal A test ties it to its other copies.
 */
export const handlers: { readonly [Name in keyof Contracts]: () => Promise<HandlerOf<Contracts[Name]>> } = {
  Database: async () => (await import('./database/handler.ts')).database,
  DatabaseAccess: async () => (await import('./database-access/handler.ts')).databaseAccess,
  DatabaseTemplate: async () => (await import('./database-template/handler.ts')).databaseTemplate,
  Definitions: async () => (await import('./definitions/handler.ts')).definitions,
  Environment: async () => (await import('./environment/handler.ts')).environment,
  Install: async () => (await import('./install/handler.ts')).install,
  Instrumentation: async () => (await import('./instrumentation/handler.ts')).instrumentation,
  Password: async () => (await import('./password/handler.ts')).password,
  Platform: async () => (await import('./platform/handler.ts')).platform,
  Ready: async () => (await import('./ready/handler.ts')).ready,
  SqliteDatabase: async () => (await import('./sqlite-database/handler.ts')).sqliteDatabase,
  TemporalNamespace: async () => (await import('./temporal-namespace/handler.ts')).temporalNamespace,
};

/** The handler for a token from the engine; undefined for a token that is not ours. */
export function handlerOf(token: string): (() => Promise<Handler<object>>) | undefined {
  const names = Object.keys(contracts) as (keyof Contracts)[];
  const name = names.find((candidate) => contracts[candidate].token === token);
  return name && handlers[name];
}

import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';

// Runs what DATABASE_URL has not had yet, in the order of the file names: all of it, or nothing.
// `await` alone would print the whole error of the driver, and its message would be far up.
await runner({
  databaseUrl: process.env.DATABASE_URL,
  dir: fileURLToPath(new URL('migrations', import.meta.url)),
  direction: 'up',
  migrationsTable: 'migrations',
  singleTransaction: true,
}).catch(({ message }) => {
  console.error(message);
  process.exitCode = 1;
});

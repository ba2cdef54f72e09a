import type { Guess } from './guess.ts';
import type { GuessedService } from './guessed-service.ts';

/** The coppice.yaml for a guess: the guessed parts with their sources, and other keys as comments. */
export function specText(guess: Guess, schema: string): string {
  const { app, appFrom, services, database } = guess;
  return `# yaml-language-server: $schema=${schema}
# What an environment of this repository is. \`wt up\` makes one for every git worktree:
#   http://<branch>.${app}.localhost/
version: 1
name: ${app}${appFrom === undefined ? '' : ` # from ${appFrom}; another name has to be the same in Pulumi.yaml`}

services:
${servicesText(services.length === 0 ? { ...guess, services: [example] } : guess)}${database === undefined ? '' : databaseText(guess)}${setupText(guess)}${installText(guess)}`;
}

/** It needs no file, so that it comes up in any repository. */
const example: GuessedService = {
  name: 'web',
  from: { runtime: 'node' },
  command: `exec node -e "require('http').createServer((_, answer) => answer.end('hello\\n')).listen(process.env.PORT)"`,
  port: 3000,
  portWhy: 'the example',
  why: 'an example: no service was found that could be started. Write your own here',
  notes: [],
};

function servicesText({ services, database }: Guess): string {
  const primary = primaryOf(services);
  const env = database?.env;
  return services
    .map((service) => `${serviceText(service, service === primary && services.length > 1, env)}\n`)
    .join('');
}

/** With several ports, one answers at the environment's own host: the page, by its usual names. */
function primaryOf(services: readonly GuessedService[]): GuessedService | undefined {
  const listening = services.filter(({ port }) => port !== undefined);
  return (
    listening.find(({ name }) => /^(web|www|front(end)?|client|site|storefront|app|ui)\b/.test(name)) ??
    listening.find(({ name }) => !/^(back(end)?|api|server|graphql)\b/.test(name)) ??
    listening[0]
  );
}

function serviceText(
  service: GuessedService,
  primary: boolean,
  env: Readonly<Record<string, string>> | undefined,
): string {
  const { from, port, portWhy, notes } = service;
  return [
    `  # ${service.why}`,
    ...notes.map((note) => `  # Note: ${note}`),
    `  ${service.name}:`,
    'runtime' in from ? `    runtime: ${from.runtime}` : `    image: ${from.image}`,
    `    command: ${JSON.stringify(service.command)}`,
    ...(port === undefined
      ? []
      : [`    port: ${port} # ${portSource(portWhy)}; PORT is set to it, and HOST to 0.0.0.0: listen there`]),
    ...(primary
      ? ["    primary: true # answers at the environment's own host; the others at <service>.<branch>..."]
      : []),
    ...(service.memory === undefined
      ? []
      : [`    resources: { limits: { memory: ${service.memory} } } # its development server is large`]),
    ...(env === undefined
      ? []
      : [
          '    env:',
          ...Object.entries(env).map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`),
        ]),
    ...(port === undefined
      ? []
      : ['    # ready: { path: /healthz }          # answers below 500 when the service is ready']),
  ].join('\n');
}

/** `from server.js`, but `a guess`. */
function portSource(why = 'a guess'): string {
  return ['a guess', 'set here'].includes(why) ? why : `from ${why}`;
}

function databaseText({ database }: Guess): string {
  if (database === undefined) return '';
  const { why, migrate, env } = database;
  if (migrate === undefined)
    return `# ${why}. No migrations were recognised: write the command here, and which files it reads.\ndatabase: {}\n# database: { migrate: { command: npm run migrate, inputs: ["migrations/**"] } }\n`;
  return [
    `# ${why}`,
    'database:',
    '  migrate:',
    `    command: ${JSON.stringify(migrate.command)}`,
    '    inputs:',
    ...migrate.inputs.map((input) => `      - ${JSON.stringify(input)}`),
    ...(migrate.image === undefined ? [] : [`    image: ${migrate.image}`]),
    ...migrateEnvText(env),
    '',
  ].join('\n');
}

/** It gets DATABASE_URL and PGHOST and the like by itself. */
function migrateEnvText(env: Readonly<Record<string, string>>): string[] {
  const others = Object.entries(env).filter(
    ([name]) => !/^(DATABASE_URL|PG(HOST|PORT|USER|PASSWORD|DATABASE))$/.test(name),
  );
  if (others.length === 0) return [];
  return ['    env:', ...others.map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`)];
}

function setupText({ setup, packageManager }: Guess): string {
  const meaning = [
    '# Commands on this machine, run by `wt up` after asking, where their result is not there.',
    ...(packageManager?.missing === undefined
      ? []
      : [`# Where there is no ${packageManager.name}: ${packageManager.missing}.`]),
  ].join('\n');
  if (setup.length === 0) return `\n${meaning}\n# setup: [npm ci]\n`;
  return `\n${meaning}\nsetup:\n${setup.map((command) => `  - ${command}`).join('\n')}\n`;
}

/** Only for package managers in the catalogue's image, and only for services that use it. */
function installText({ setup, services, packageManager }: Guess): string {
  if (!services.some(({ from }) => 'runtime' in from) || setup.length === 0) return '';
  if (setup[0] === 'npm ci')
    return '# On macOS, whose native packages do not run in Linux: once more in a pod, into a volume over node_modules.\ninstall: npm ci\n';
  const name = packageManager?.name ?? 'npm';
  return name === 'npm'
    ? ''
    : `# On macOS, \`install:\` does the same in a pod; the image of \`runtime: node\` may lack ${name}: see docs/spec.md, install.\n`;
}

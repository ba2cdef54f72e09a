import { dependenciesOf, type Folder, fromTop } from './folder.ts';
import type { GuessedService } from './guessed-service.ts';
import { freeName } from './names.ts';
import { portOf } from './port.ts';
import { commandText, type ScriptCommand, scriptCommand, textOf } from './script.ts';

/** A development server: the arguments that make it listen for others, unless the script has its own. */
interface DevelopmentServer {
  readonly program: RegExp;
  /** They follow the command; PORT and HOST are read by those without any. */
  readonly extra: string;
  /** A hello-world of it takes more than half of the default limit of 1Gi. */
  readonly large?: true;
}

const host = ' --host 0.0.0.0 --port 3000';
const servers: readonly DevelopmentServer[] = [
  { program: /^next( dev| -|$)/, extra: '', large: true },
  { program: /^nuxi?t?\b/, extra: '', large: true },
  { program: /^astro\b/, extra: host, large: true },
  { program: /^ng serve/, extra: host, large: true },
  {
    program:
      /^(vite( dev| serve| -|$)|vite$|react-router dev|svelte-kit dev|rsbuild dev|vue-cli-service serve)/,
    extra: host,
  },
  { program: /^storybook dev/, extra: ' -h 0.0.0.0 -p 3000 --ci', large: true },
  { program: /^wrangler dev/, extra: ' --ip 0.0.0.0 --port 3000' },
  {
    program: /^(webpack serve|webpack-dev-server)/,
    extra: ' --host 0.0.0.0 --port 3000 --client-web-socket-url auto://0.0.0.0:0/ws --allowed-hosts auto',
  },
  { program: /^gatsby develop/, extra: ' -H 0.0.0.0 -p 3000', large: true },
  { program: /^(parcel|remix dev|react-scripts start)/, extra: '' },
];

/** Packages of programs that answer over HTTP. */
const http = [
  'express',
  'koa',
  'fastify',
  'hono',
  '@hapi/hapi',
  '@nestjs/core',
  'restify',
  'polka',
  '@hono/node-server',
  'apollo-server',
  '@apollo/server',
  'socket.io',
  'ws',
  '@trpc/server',
  'json-server',
];
/** They build, test or start others, and are no service. */
const tools =
  /^(tsc|tsup|rollup|esbuild|jest|vitest|mocha|eslint|prettier|turbo|nx|lerna|husky|unbuild|tsdown|microbundle|babel|echo|rimraf|swc)\b/;
const preferred = ['dev', 'start:dev', 'develop', 'serve', 'start'];

/** The service that a package runs as, by its script for development; undefined for a library. */
export async function packageService(
  folder: Folder,
  taken: ReadonlySet<string>,
  alone: boolean,
): Promise<GuessedService | undefined> {
  const found = preferred
    .map((script) => ({ script, command: scriptCommand(folder, script) }))
    .find(
      ({ command }) =>
        command !== undefined &&
        !tools.test(command.run) &&
        !/\b(turbo|nx|lerna)\s+run\b|--parallel\b|\b(-r|--filter|-w|--workspaces?)\b/.test(command.run),
    );
  const { command } = found ?? {};
  if (found === undefined || command === undefined) return alone ? entryService(folder) : undefined;
  const server = servers.find(({ program }) => program.test(command.run));
  const own = /--port|-p \d/.test(command.run);
  const port = server && !own ? { port: 3000, why: 'set here' } : await portOf(folder, textOf(command));
  const answers = [...dependenciesOf(folder)].some((name) => http.includes(name));
  const runs = /^(node|nodemon|tsx|ts-node|ts-node-dev|bun|deno|nest|strapi|medusa|electron-vite)\b/.test(
    command.run,
  );
  if (!alone && server === undefined && port === undefined && !answers && !runs) return undefined;
  const listening = port ?? (answers || alone ? { port: 3000, why: 'a guess' } : undefined);
  return {
    name: alone
      ? 'web'
      : freeName(folder.manifest?.name?.split('/').at(-1) ?? folder.path.split('/').at(-1) ?? 'web', taken),
    from: { runtime: 'node' },
    command: commandText(
      command,
      folder.path,
      server && !own ? server.extra : own && server ? hostOnly(server.extra) : '',
    ),
    ...(listening === undefined ? {} : { port: listening.port, portWhy: listening.why }),
    why: `${fromTop(folder, 'package.json')}: script ${found.script}`,
    ...(server?.large ? { memory: '2Gi' } : {}),
    notes: scriptNotes(command),
  };
}

function hostOnly(extra: string): string {
  return extra.includes('--host') ? ' --host 0.0.0.0' : '';
}

/** What the reader of a service should know of its script. */
export function scriptNotes({ simple, run }: ScriptCommand): string[] {
  const starter = simple ? /^(npm|pnpm|yarn|bun(?= run))\s/.exec(run)?.[1] : undefined;
  const manager = /\b(pnpm|yarn|bun)\b/.exec(run)?.[1];
  return [
    ...(starter === undefined
      ? []
      : [`${starter} does not pass SIGTERM on: write the program that its script runs, with \`exec\``]),
    ...(simple ? [] : ['the script is more than one program, so SIGTERM may not reach each of them']),
    ...(manager === undefined
      ? []
      : [
          `it runs ${manager}, which the image of runtime: node lacks where it is assembled (docs/images.md)`,
        ]),
  ];
}

/** Without a script that starts it, the file that is there. */
async function entryService(folder: Folder): Promise<GuessedService | undefined> {
  const { names, manifest } = folder;
  const main =
    manifest?.main !== undefined && names.has(manifest.main.replace(/^\.\//, ''))
      ? manifest.main.replace(/^\.\//, '')
      : undefined;
  const file =
    ['server.js', 'server.mjs', 'index.js', 'index.mjs', 'app.js', 'main.js'].find((name) =>
      names.has(name),
    ) ?? main;
  if (file === undefined) return undefined;
  const listening = await portOf(folder, file);
  return {
    name: 'web',
    from: { runtime: 'node' },
    command: `exec node --watch ${file}`,
    ...(listening === undefined
      ? { port: 3000, portWhy: 'a guess' }
      : { port: listening.port, portWhy: listening.why }),
    why: `${file}: no script starts it`,
    notes: [],
  };
}

import type { Guess, GuessedService } from './guess.ts';

/** The coppice.yaml for a guess: the guessed parts with their sources, and other keys as comments. */
export function specText({ app, services, setup }: Guess): string {
  const [first, ...rest] = services.length > 0 ? services : [example];
  return `# yaml-language-server: $schema=./node_modules/coppice/schema/coppice.schema.json
# What an environment of this repository is. \`wt up\` makes one for every git worktree:
#   http://<branch>.${app}.localhost/
version: 1
name: ${app}

services:
${[first ?? example, ...rest].map((service) => serviceText(service, service === first)).join('\n')}
${setupText(setup)}${installText(setup, services)}`;
}

const example: GuessedService = {
  name: 'web',
  from: { runtime: 'node' },
  command: 'node server.js',
  port: 3000,
  why: 'an example: no service was found that could be started',
};

function serviceText(service: GuessedService, primary: boolean): string {
  const lines = [
    `  # ${service.why}`,
    `  ${service.name}:`,
    'runtime' in service.from ? `    runtime: ${service.from.runtime}` : `    image: ${service.from.image}`,
    `    command: ${JSON.stringify(service.command)}`,
  ];
  if (service.port !== undefined)
    lines.push(`    port: ${service.port} # PORT is set to it, and HOST to 0.0.0.0: listen there`);
  if (primary && service.port !== undefined)
    lines.push(
      '    # ready: { path: /healthz }          # answers below 500 when the service is ready',
      '    # env: { API_URL: "${services.api.url}" }',
      '    # paths: [/api]                      # for a further service: a path under the same host',
    );
  return lines.join('\n');
}

function setupText(setup: readonly string[]): string {
  const meaning = "# Commands on this machine, run by a worktree's first `wt up` after asking.";
  if (setup.length === 0) return `\n${meaning}\n# setup: [npm ci]\n`;
  return `\n${meaning}\nsetup:\n${setup.map((command) => `  - ${command}`).join('\n')}\n`;
}

/** Only for package managers in the catalogue's image, and only for services that use it. */
function installText(setup: readonly string[], services: readonly GuessedService[]): string {
  const npm = setup.find((command) => command === 'npm ci');
  const inCatalogue = services.length === 0 || services.some(({ from }) => 'runtime' in from);
  if (npm === undefined || !inCatalogue) return '';
  return `# On macOS, whose native packages do not run in Linux: once more in a pod, into a volume over node_modules.\ninstall: ${npm}\n`;
}

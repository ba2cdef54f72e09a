import { posix } from 'node:path';

/** A change to one of these changes what a command does, though the command does not name it. */
export const lockFiles: readonly string[] = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
  ...['requirements.txt', 'poetry.lock', 'uv.lock', 'Pipfile.lock'],
  ...['Gemfile.lock', 'go.sum', 'Cargo.lock', 'composer.lock', 'mix.lock'],
];

/** Programs whose commands may be scripts in the package.json next to them. */
export const scriptRunners: readonly string[] = ['npm', 'pnpm', 'yarn', 'bun'];

/** Words of a command that may be paths below the folder: `node db/migrate.js up` names db/migrate.js. */
export function wordsOf(command: string | readonly string[]): string[] {
  const text = typeof command === 'string' ? command : command.join(' ');
  const words = text.split(/[\s;&|()<>"'`=]+/).map((word) => word.replace(/^\/app\//, ''));
  return words
    .map((word) => posix.normalize(word))
    .filter((word) => /[\w]/.test(word) && !/^(\/|\.\.|-)/.test(word));
}

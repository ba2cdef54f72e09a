/**
 * Programs that start or watch others, and inherit NODE_OPTIONS with them: package managers, process runners, watchers.
 * What they start is the app and is instrumented; they themselves are not, which would only slow them.
 */
const tools: readonly string[] = [
  ...['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'bun', 'bunx'],
  ...[
    'nodemon',
    'node-dev',
    'ts-node-dev',
    'tsx',
    'pm2',
    'forever',
    'supervisor',
    'onchange',
    'chokidar-cli',
  ],
  ...['concurrently', 'npm-run-all', 'npm-run-all2', 'wireit', 'turbo', 'nx', 'lerna', 'foreman', 'wsrun'],
  ...['cross-env', 'env-cmd', 'dotenv-cli', 'wait-on', 'start-server-and-test', 'husky', 'rimraf', 'shx'],
  ...['typescript', 'esbuild', 'eslint', 'prettier', '@biomejs/biome', '@swc/cli'],
];

/** Whether the program at this path, without symbolic links, is one of them. */
export function isTool(program: string): boolean {
  const parts = program.split(/[\\/]/);
  const at = parts.lastIndexOf('node_modules');
  const [first = '', second = ''] = parts.slice(at + 1);
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (at >= 0) return tools.includes(name);
  // Package managers that are one file: `.yarn/releases/yarn-4.9.1.cjs`, `pnpm.cjs`, and those that Corepack keeps.
  const file = parts[parts.length - 1] ?? '';
  return /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-[\w.-]+)?\.(c|m)?js$/.test(file);
}

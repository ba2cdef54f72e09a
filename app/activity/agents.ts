/** Programs of coding agents, by the name of their command. */
const programs: readonly string[] = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'qwen',
  'copilot',
  'amp',
  'aider',
  'cursor-agent',
];

/** Folders of the packages whose scripts an interpreter runs: `node …/@google/gemini-cli/bundle/gemini.js`. */
const packages: readonly (readonly [path: string, agent: string])[] = [
  ['@anthropic-ai/claude-code', 'claude'],
  ['@openai/codex', 'codex'],
  ['@google/gemini-cli', 'gemini'],
  ['opencode-ai', 'opencode'],
  ['@qwen-code/qwen-code', 'qwen'],
  ['@github/copilot', 'copilot'],
  ['@sourcegraph/amp', 'amp'],
  ['@ampcode/cli', 'amp'],
  ['cursor-agent/versions', 'cursor-agent'],
];

const interpreter = /^(node|nodejs|bun|deno|python[\d.]*|pypy[\d.]*|sh|bash|dash|zsh)$/;
/** Options of these interpreters whose value is the next word. */
const withValue = new Set(['-r', '--require', '--import', '--loader', '--experimental-loader', '-W', '-X']);

/**
 * The agent that a process is, by its command line; undefined for all others. What an agent started (a shell, a server of
 * MCP) is a process and no agent; a program that only has an agent's name among its arguments (`vim claude`) neither.
 */
export function agentOf(argv: readonly string[]): string | undefined {
  const [title = '', ...rest] = argv;
  // Some write their title over their command line: `claude --resume` in one word.
  const program = rest.length === 0 ? (title.split(' ')[0] ?? '') : title;
  const named = agentNamed(program);
  if (named !== undefined) return named;
  if (!interpreter.test(baseOf(program))) return undefined;
  const script = scriptIn(rest);
  if (script === undefined) return undefined;
  return agentNamed(script) ?? packages.find(([path]) => script.includes(`/${path}/`))?.[1];
}

function agentNamed(path: string): string | undefined {
  const base = baseOf(path);
  return programs.find((name) => name === base);
}

function baseOf(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.exe$/, '');
}

/** What an interpreter runs: a file, or the module of `python -m`. */
function scriptIn(args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '-c' || word === '-e' || word === '--eval' || word === '-p') return undefined;
    if (word === '-m') return args[at + 1];
    if (withValue.has(word)) at += 1;
    // Of bun and deno.
    else if (word !== 'run' && !word.startsWith('-')) return word;
  }
  return undefined;
}

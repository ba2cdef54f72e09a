import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { loadSettings } from '../../../config/settings/settings.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/suggest.ts';

/** How an agent is started in a terminal. */
export interface Agent {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** `argument`: the prompt is the last one; otherwise the option that it follows. */
  readonly prompt: string;
}

/** Each begins to work on the prompt; the ones without such an option end when they are done. */
const known: readonly Agent[] = [
  { name: 'claude', command: ['claude'], prompt: 'argument' },
  { name: 'codex', command: ['codex'], prompt: 'argument' },
  { name: 'gemini', command: ['gemini'], prompt: '--prompt-interactive' },
  { name: 'opencode', command: ['opencode'], prompt: '--prompt' },
  { name: 'qwen', command: ['qwen'], prompt: '--prompt-interactive' },
  { name: 'copilot', command: ['copilot'], prompt: '--interactive' },
  { name: 'amp', command: ['amp'], prompt: '--execute' },
  { name: 'aider', command: ['aider'], prompt: '--message' },
];

/**
 * The agent of that name; without one that of the settings, else the only one on PATH. Throws COPPICE_NO_AGENT,
 * COPPICE_SETTINGS.
 */
export async function agentFor(name: string | undefined, path: string | undefined): Promise<Agent> {
  const settings = await loadSettings();
  const own = Object.entries(settings.agents).map(([each, how]) => ({ name: each, ...how }));
  const agents = [...own, ...known.filter((agent) => !own.some(({ name: each }) => each === agent.name))];
  const wanted = name ?? settings.agent;
  if (wanted === undefined) return onlyOne(agents, path);
  const found = agents.find((agent) => agent.name === wanted);
  if (found === undefined) throw unknownError(wanted, agents);
  if (!(await isOnPath(found, path))) {
    throw new CoppiceError(
      'COPPICE_NO_AGENT',
      `${found.command[0]}, the program of ${wanted}, is not on PATH`,
      {
        hint: 'install it, or say where it is: `agents:` in the settings',
      },
    );
  }
  return found;
}

async function onlyOne(agents: readonly Agent[], path: string | undefined): Promise<Agent> {
  const there = await Promise.all(
    agents.map(async (agent) => ((await isOnPath(agent, path)) ? [agent] : [])),
  );
  const [first, ...others] = there.flat();
  if (first !== undefined && others.length === 0) return first;
  const names = [first, ...others].flatMap((agent) => agent?.name ?? []);
  throw names.length === 0
    ? new CoppiceError('COPPICE_NO_AGENT', 'no agent is on PATH', {
        hint: `install one of ${agents.map((agent) => agent.name).join(', ')}, or add yours to \`agents:\` of the settings`,
      })
    : new CoppiceError('COPPICE_NO_AGENT', `several agents are on PATH: ${names.join(', ')}`, {
        hint: `name one: --go ${names[0]}; or set \`agent: ${names[0]}\` in the settings`,
      });
}

function unknownError(wanted: string, agents: readonly Agent[]): CoppiceError {
  const names = agents.map(({ name }) => name);
  return new CoppiceError('COPPICE_NO_AGENT', `there is no agent ${wanted}: ${names.join(', ')}`, {
    hint: `${didYouMean(wanted, names, 'agents')}; the branch comes before --go`,
  });
}

async function isOnPath({ command: [program = ''] }: Agent, path: string | undefined): Promise<boolean> {
  const places = program.includes('/')
    ? [program]
    : (path ?? '').split(delimiter).map((folder) => join(folder, program));
  const found = await Promise.all(
    places.map((place) =>
      access(place, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** The command line of an agent. An empty prompt is none. */
export function commandOf({ command, prompt }: Agent, text: string): string[] {
  if (text === '') return [...command];
  if (prompt !== 'argument') return [...command, prompt, text];
  // A prompt that begins with a dash would be an option.
  return text.startsWith('-') ? [...command, '--', text] : [...command, text];
}

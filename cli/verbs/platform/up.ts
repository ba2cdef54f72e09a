import type { PlatformUp } from '../../../app/platform/up.ts';
import { factsOf, joiningNames, onDemandParts, partFacts } from '../../../core/part-facts.ts';
import { duration } from '../../../core/text/duration.ts';
import { type Result, type VerbPorts, value, verb } from '../../define.ts';

const keys = [...new Set(onDemandParts.map((part) => factsOf(part).askedBy))];
const joining = keys.map((key) => `${titlesOf(key)} with \`${key ? `${key}:` : '--with'}\``).join(', ');

/** Without Intl, which takes 9 ms to load, and every help and every Tab loads this file. */
function titlesOf(key: string | undefined): string {
  const titles = onDemandParts
    .filter((part) => factsOf(part).askedBy === key)
    .map((part) => partFacts[part].title);
  return [titles.slice(0, -1).join(', '), titles.at(-1)].filter((text) => text !== '').join(' and ');
}

export const up = verb({
  usage: 'up',
  summary: 'bring the platform up',
  about: `Starts the cluster if needed, then updates the platform to what this version of coppice needs. A part joins when the coppice.yaml of this folder needs it, and stays: ${joining}. Ctrl+C finishes the current step.`,
  options: { with: value('part', `add this part too: ${joiningNames.join(' or ')}`) },
  run: async (_, { with: part }, ports) => {
    const { platformUp } = await import('../../../app/platform/up.ts');
    return report(await platformUp(part, ports), ports);
  },
});

function report({ unchanged, parts, changes }: PlatformUp, { phases }: VerbPorts): Result {
  const what = parts.length > 0 ? `is up with ${parts.join(', ')}` : 'is up';
  return {
    text: `the platform ${what}${unchanged ? ', nothing changed' : ''} (${duration(phases.total)})`,
    json: { unchanged, parts, changes, timings: phases.list },
  };
}

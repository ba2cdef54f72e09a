import { expect, test } from 'vitest';
import { up } from '../../../../cli/verbs/platform/up.ts';
import { factsOf, joiningNames, onDemandParts } from '../../../../core/part-facts.ts';

test('`wt platform up --help` names every part that can join, and what makes it join', () => {
  const help = JSON.stringify(up);
  for (const name of joiningNames) expect(help).toMatch(new RegExp(`add this part too: [^"]*\\b${name}\\b`));
  for (const part of onDemandParts) {
    const { title, askedBy } = factsOf(part);
    expect(help).toMatch(new RegExp(`${title}[^\`]* with \`${askedBy ? `${askedBy}:` : '--with'}\``));
  }
});

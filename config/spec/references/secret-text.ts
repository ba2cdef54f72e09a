import { type References, referencesIn, referenceToken } from './references.ts';
import { type SecretReference, secretReference } from './secrets.ts';

/** Whether a value contains something that only the cluster knows. */
export function refersToSecret(value: string, table: References): boolean {
  return referencesIn(value).some(({ name }) => isSecret(name, table));
}

/** The value with every reference replaced but those to Secrets: they stay, and no other text looks like one. */
export function resolveAroundSecrets(value: string, table: References): string {
  return value.replaceAll(referenceToken, (text: string, inside: string | undefined) => {
    const name = inside?.trim() ?? '';
    if (isSecret(name, table)) return `\${${name}}`;
    return text === '$${' ? text : (table.get(name)?.replaceAll('${', () => '$${') ?? text);
  });
}

/** Splits a value of {@link resolveAroundSecrets} into plain text and keys of Secrets. */
export function partsOf(value: string): ({ readonly text: string } | SecretReference)[] {
  const parts: ({ text: string } | SecretReference)[] = [];
  let from = 0;
  for (const match of value.matchAll(referenceToken)) {
    const reference = secretReference(match[1]?.trim() ?? '');
    const before =
      value.slice(from, match.index) + (reference === undefined ? match[0].replace('$${', '${') : '');
    from = match.index + match[0].length;
    if (before !== '') parts.push({ text: before });
    if (reference !== undefined) parts.push(reference);
  }
  return from < value.length ? [...parts, { text: value.slice(from) }] : parts;
}

function isSecret(name: string, table: References): boolean {
  return table.has(name) && table.get(name) === undefined;
}

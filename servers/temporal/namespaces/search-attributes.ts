import type { SearchAttributes, SearchAttributeType } from '../../../config/spec/search-attributes.ts';
import { CoppiceError } from '../../../core/errors.ts';
import type { NamespaceRequest, Temporal } from '../types.ts';

/** temporal.api.enums.v1.IndexedValueType */
const numbers: Readonly<Record<SearchAttributeType, number>> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/** The changes that a namespace's own search attributes need. */
export interface SearchAttributeChange {
  readonly added: SearchAttributes;
  readonly removed: readonly string[];
}

/** The namespace's own search attributes, without those that every namespace has. */
export async function searchAttributes(temporal: Temporal, namespace: string): Promise<SearchAttributes> {
  const { customAttributes } = await temporal.operator.listSearchAttributes({ namespace });
  return Object.fromEntries(
    Object.entries(customAttributes ?? {}).map(([name, number]) => [name, typeOf(number)]),
  );
}

function typeOf(number: number): SearchAttributeType {
  const [type] = Object.entries(numbers).find(([, one]) => one === number) ?? [];
  if (type === undefined) throw new Error(`Temporal names an unknown type of search attribute, ${number}`);
  return type as SearchAttributeType;
}

/**
 * What to add and to remove. Throws COPPICE_SEARCH_ATTRIBUTE when one exists with another type: the server answers OK
 * to adding it again and changes nothing.
 */
export function changeOf(
  { name, owner, searchAttributes: wanted, retired }: NamespaceRequest,
  present: SearchAttributes,
): SearchAttributeChange {
  const wrong = Object.entries(wanted).filter(
    ([one, type]) => Object.hasOwn(present, one) && present[one] !== type,
  );
  if (wrong.length > 0) {
    const list = wrong.map(([one, type]) => `${one} is ${present[one]} there and ${type} in the spec`);
    throw new CoppiceError(
      'COPPICE_SEARCH_ATTRIBUTE',
      `search attributes of Temporal namespace ${name} cannot change their type: ${list.join(', ')}`,
      {
        hint: `give it another name, or recreate the namespace and lose its workflows: \`wt down ${owner.environment} --force\`, then the same again`,
      },
    );
  }
  return {
    added: Object.fromEntries(Object.entries(wanted).filter(([one]) => !Object.hasOwn(present, one))),
    removed: retired.filter((one) => Object.hasOwn(present, one) && !Object.hasOwn(wanted, one)),
  };
}

/** Removes first: columns are few, and a freed one can be reused. */
export async function changeSearchAttributes(
  { operator }: Temporal,
  namespace: string,
  { added, removed }: SearchAttributeChange,
): Promise<void> {
  if (removed.length > 0) {
    await operator.removeSearchAttributes({ namespace, searchAttributes: [...removed] });
  }
  if (Object.keys(added).length === 0) return;
  await operator.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(Object.entries(added).map(([name, type]) => [name, numbers[type]])),
  });
}

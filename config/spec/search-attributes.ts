/** Types of search attributes that a namespace can have. */
export const searchAttributeTypes = [
  'Text',
  'Keyword',
  'Int',
  'Double',
  'Bool',
  'Datetime',
  'KeywordList',
] as const;
export type SearchAttributeType = (typeof searchAttributeTypes)[number];
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

/**
 * How many search attributes of each type a namespace can have if the server's visibility store is SQL: the columns of
 * its tables. https://github.com/temporalio/temporal/blob/v1.32.0/common/searchattribute/sadefs/constants.go
 */
export const searchAttributeRoom: Readonly<Record<SearchAttributeType, number>> = {
  Text: 3,
  Keyword: 10,
  Int: 3,
  Double: 3,
  Bool: 3,
  Datetime: 3,
  KeywordList: 3,
};

/**
 * Names that the server reserves, besides all that begin with `Temporal`; from the same file.
 *
 * @internal A test ties it to its other copies.
 */
export const reservedAttributes: readonly string[] = [
  'BatcherNamespace',
  'BatcherUser',
  'BinaryChecksums',
  'BuildIds',
  'CloseTime',
  'ExecutionDuration',
  'ExecutionStatus',
  'ExecutionTime',
  'HistoryLength',
  'HistorySizeBytes',
  'Memo',
  'MemoEncoding',
  'NamespaceId',
  'ParentRunId',
  'ParentWorkflowId',
  'RootRunId',
  'RootWorkflowId',
  'RunId',
  'StartTime',
  'StateTransitionCount',
  'TaskQueue',
  'VisibilityTaskKey',
  'WorkflowId',
  'WorkflowType',
];

/** The server accepts such a name too, but then has two meanings for it: its own column, and ours in any free one. */
const column = new RegExp(`^(${Object.keys(searchAttributeRoom).join('|')})(0[1-9]|[1-9]\\d)$`);

/** Why no search attribute of ours may have that name; undefined if it may. */
export function reservedAttribute(name: string): string | undefined {
  if (reservedAttributes.includes(name)) return 'Temporal has one of that name itself';
  if (name.startsWith('Temporal')) return 'names that begin with Temporal are its own';
  if (column.test(name)) return 'that is the name of a column of its tables';
  return undefined;
}

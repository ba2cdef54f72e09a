import { prometheus } from '../datasource-refs.ts';
import type { QueryVariable, TextVariable } from './model.ts';

interface Values {
  readonly name: string;
  readonly label: string;
  /** The label whose values are offered. */
  readonly of: string;
  /** Matcher of the series that are looked at. */
  readonly where: string;
}

/** One of the values of a label. */
export function labelVariable({ name, label, of, where }: Values): QueryVariable {
  const query = `label_values({${where}}, ${of})`;
  return {
    type: 'query',
    name,
    label,
    datasource: prometheus,
    query: { qryType: 1, query, refId: `values-of-${name}` },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: false,
    includeAll: false,
  };
}

/** Some or all of the values of a label. */
export function labelVariables(values: Values, all: string): QueryVariable {
  return { ...labelVariable(values), multi: true, includeAll: true, allValue: all };
}

export function textVariable(name: string, label: string): TextVariable {
  return { type: 'textbox', name, label, query: '' };
}

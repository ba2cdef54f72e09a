import { databaseRules } from './rules/database.ts';
import { installRules } from './rules/install.ts';
import { processRules } from './rules/process.ts';
import { routingRules } from './rules/routing.ts';
import type { Rule } from './rules/rule.ts';
import { temporalRules } from './rules/temporal.ts';
import { variableRules } from './rules/variables.ts';

export type { Rule, SpecView } from './rules/rule.ts';

/** What the schema cannot say: fields that need, exclude or refer to each other. */
export const rules: readonly Rule[] = [
  ...processRules,
  ...routingRules,
  ...databaseRules,
  ...temporalRules,
  ...installRules,
  ...variableRules,
];

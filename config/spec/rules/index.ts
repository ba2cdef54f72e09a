import { databaseRules } from './database.ts';
import { installRules } from './install.ts';
import { processRules } from './process.ts';
import { routingRules } from './routing.ts';
import type { Rule } from './rule.ts';
import { sizeRules } from './sizes.ts';
import { telemetryRules } from './telemetry.ts';
import { temporalRules } from './temporal.ts';
import { variableRules } from './variables.ts';

export type { Rule, SpecView } from './rule.ts';

/** What the schema cannot express: fields that require, exclude or refer to each other. */
export const rules: readonly Rule[] = [
  ...processRules,
  ...routingRules,
  ...databaseRules,
  ...temporalRules,
  ...telemetryRules,
  ...installRules,
  ...variableRules,
  ...sizeRules,
];

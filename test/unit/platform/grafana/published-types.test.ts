import type { GraphFieldConfig, TableFieldOptions } from '@grafana/grafana-foundation-sdk/common';
import * as published from '@grafana/grafana-foundation-sdk/dashboard';
import type { Options as LogsOptions } from '@grafana/grafana-foundation-sdk/logs';
import type { dataquery as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import type { Dataquery as PrometheusQuery } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Options as StatOptions } from '@grafana/grafana-foundation-sdk/stat';
import type { Options as TableOptions } from '@grafana/grafana-foundation-sdk/table';
import type { Options as GraphOptions } from '@grafana/grafana-foundation-sdk/timeseries';
import { expect, expectTypeOf, test } from 'vitest';
import {
  type Dashboard,
  type DashboardLink,
  type LogTarget,
  type MetricTarget,
  type Panel,
  type RowTitle,
  schemaVersion,
  type Variable,
} from '../../../../platform/grafana/dashboards/model.ts';
import {
  graphOptions,
  line,
  logsOptions,
  stackedArea,
  statOptions,
  tableField,
  tableOptions,
} from '../../../../platform/grafana/dashboards/panels.ts';

/**
 * Grafana is not run in these tests, but it publishes the types of a dashboard. The compiler holds ours against them
 * (`npm run check`): each value must be one that they allow, and each key one that they have.
 */

/** A published type as JSON has it: texts for members of enums, and without the method that marks a query. */
type Written<T> = 0 extends 1 & T
  ? T
  : T extends string
    ? `${T}`
    : T extends readonly (infer Element)[]
      ? readonly Written<Element>[]
      : T extends object
        ? { readonly [Key in keyof T as Exclude<Key, '_implementsDataqueryVariant'>]: Written<T[Key]> }
        : T;

type KeyOf<T> = T extends unknown ? keyof T : never;
/** Keys that nobody reads. */
type Unread<Ours, Theirs> = Exclude<KeyOf<Ours>, KeyOf<Theirs>>;

test('a dashboard is one that Grafana publishes types of', () => {
  expect(published.defaultDashboard().schemaVersion).toBe(schemaVersion);
  expectTypeOf<Dashboard>().toExtend<Written<published.Dashboard>>();
  expectTypeOf<Unread<Dashboard, published.Dashboard>>().toBeNever();
  expectTypeOf<Unread<Panel, published.Panel>>().toBeNever();
  expectTypeOf<Unread<Panel['fieldConfig'], published.FieldConfigSource>>().toBeNever();
  expectTypeOf<Unread<Panel['fieldConfig']['defaults'], published.FieldConfig>>().toBeNever();
  expectTypeOf<Unread<RowTitle, published.RowPanel>>().toBeNever();
  expectTypeOf<Unread<Variable, published.VariableModel>>().toBeNever();
  expectTypeOf<Unread<DashboardLink, published.DashboardLink>>().toBeNever();
});

test('queries are those of the published types', () => {
  expectTypeOf<MetricTarget>().toExtend<Written<PrometheusQuery>>();
  expectTypeOf<Unread<MetricTarget, PrometheusQuery>>().toBeNever();
  // VictoriaLogs' plugin keeps to the same keys: https://github.com/VictoriaMetrics/victorialogs-datasource/blob/main/src/types.ts
  expectTypeOf<LogTarget>().toExtend<Written<LokiQuery>>();
  expectTypeOf<Unread<LogTarget, LokiQuery>>().toBeNever();
});

test('options of each kind of panel are those of the published types', () => {
  expectTypeOf(graphOptions).toExtend<Written<GraphOptions>>();
  expectTypeOf(statOptions).toExtend<Written<StatOptions>>();
  expectTypeOf(tableOptions).toExtend<Written<TableOptions>>();
  expectTypeOf(logsOptions).toExtend<Written<LogsOptions>>();
  expectTypeOf(line).toExtend<Written<GraphFieldConfig>>();
  expectTypeOf(stackedArea).toExtend<Written<GraphFieldConfig>>();
  expectTypeOf(tableField).toExtend<Written<TableFieldOptions>>();
  expectTypeOf<Unread<typeof graphOptions, GraphOptions>>().toBeNever();
  expectTypeOf<Unread<typeof statOptions, StatOptions>>().toBeNever();
  expectTypeOf<Unread<typeof tableOptions, TableOptions>>().toBeNever();
  expectTypeOf<Unread<typeof logsOptions, LogsOptions>>().toBeNever();
  expectTypeOf<Unread<typeof stackedArea, GraphFieldConfig>>().toBeNever();
  expectTypeOf<Unread<typeof tableField, TableFieldOptions>>().toBeNever();
});

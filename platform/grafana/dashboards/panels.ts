import { prometheus } from '../datasource-refs.ts';
import type {
  DatasourceRef,
  FieldDefaults,
  FieldOverride,
  MetricTarget,
  Panel,
  PanelType,
  Target,
  Transformation,
} from './model.ts';

/** A panel before it has a place on its dashboard. */
export type PlacedPanel = Omit<Panel, 'id' | 'gridPos'> & { readonly width: number; readonly height: number };

/** What every panel says of itself. */
interface Told {
  readonly title: string;
  /** One or two sentences: what it shows, and where it comes from. */
  readonly description: string;
  /** Of 24 columns. */
  readonly width?: number;
}

/** PromQL and what its series are called: `{{label}}` is the value of a label. */
export interface Series {
  readonly expr: string;
  readonly legend: string;
}

interface Numbers extends Told {
  readonly unit: string;
  readonly series: readonly Series[];
}

export interface Graph extends Numbers {
  readonly max?: number;
  /** Areas that add up, instead of lines. */
  readonly stacked?: true;
  /** Points that lead to the trace of one request. */
  readonly exemplars?: true;
}

export function graph({ max, stacked, exemplars, ...numbers }: Graph): PlacedPanel {
  return panel('timeseries', numbers, {
    height: 8,
    datasource: prometheus,
    targets: numbers.series.map((series, at) => rangeTarget(series, at, exemplars ?? false)),
    defaults: {
      unit: numbers.unit,
      min: 0,
      ...(max === undefined ? {} : { max }),
      noValue: 'no data',
      custom: stacked ? stackedArea : line,
    },
    options: graphOptions,
  });
}

/** One number a series, now. */
export interface Stat extends Numbers {
  /** From where on it is red; without it a number has no colour. */
  readonly bad?: number;
}

export function stat({ bad, ...numbers }: Stat): PlacedPanel {
  return panel('stat', numbers, {
    height: 4,
    datasource: prometheus,
    targets: numbers.series.map(instantTarget),
    defaults: {
      unit: numbers.unit,
      noValue: '-',
      thresholds: {
        mode: 'absolute',
        steps: [
          { value: null, color: bad === undefined ? 'text' : 'green' },
          ...(bad === undefined ? [] : [{ value: bad, color: 'red' }]),
        ],
      },
    },
    options: statOptions,
  });
}

/** One row a combination of labels, one column a query; `series.legend` is the title of the column. */
export interface Table extends Told {
  /** The labels that the queries have in common, and what their columns are called. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly (Series & { readonly unit: string })[];
  readonly overrides?: readonly FieldOverride[];
}

export function table({ labels, columns, overrides = [], ...told }: Table): PlacedPanel {
  const targets = columns.map(
    (column, at): MetricTarget => ({ ...instantTarget(column, at), format: 'table' }),
  );
  const titles = columns.map(({ legend }, at) => [`Value #${refId(at)}`, legend] as const);
  const units = columns.map(
    ({ legend, unit }): FieldOverride => ({
      matcher: { id: 'byName', options: legend },
      properties: [{ id: 'unit', value: unit }],
    }),
  );
  return panel('table', told, {
    height: 9,
    datasource: prometheus,
    targets,
    defaults: { unit: 'none', noValue: '-', custom: tableField },
    overrides: [...units, ...overrides],
    options: tableOptions,
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: { ...labels, ...Object.fromEntries(titles) },
        },
      },
    ],
  });
}

/** Lines of the log store. */
export function lines(told: Told, target: Target): PlacedPanel {
  return panel('logs', told, {
    height: 10,
    datasource: target.datasource,
    targets: [target],
    defaults: { unit: 'none', noValue: 'no lines' },
    options: logsOptions,
  });
}

/** Numbers that come of the log store. */
export function lineCounts(told: Told & { readonly unit: string }, target: Target): PlacedPanel {
  return panel('timeseries', told, {
    height: 8,
    datasource: target.datasource,
    targets: [target],
    defaults: { unit: told.unit, min: 0, noValue: 'no lines', custom: stackedArea },
    options: graphOptions,
  });
}

/** What a search for traces found, a row each. */
export function traceList(
  told: Told,
  targets: readonly Target[],
  overrides: readonly FieldOverride[],
): PlacedPanel {
  return panel('table', told, {
    height: 9,
    datasource: targets[0]?.datasource ?? prometheus,
    targets,
    defaults: { unit: 'none', noValue: 'no traces', custom: tableField },
    overrides,
    options: tableOptions,
  });
}

/** The spans of one trace. */
export function trace(told: Told, target: Target): PlacedPanel {
  return panel('traces', told, {
    height: 12,
    datasource: target.datasource,
    targets: [target],
    defaults: { unit: 'none', noValue: 'no trace' },
    options: {},
  });
}

interface Rest {
  readonly height: number;
  readonly datasource: DatasourceRef;
  readonly targets: readonly Target[];
  readonly defaults: FieldDefaults;
  readonly overrides?: readonly FieldOverride[];
  readonly options: object;
  readonly transformations?: readonly Transformation[];
}

function panel(type: PanelType, { title, description, width = 12 }: Told, rest: Rest): PlacedPanel {
  const { height, datasource, targets, defaults, overrides = [], options, transformations } = rest;
  return {
    type,
    title,
    description,
    datasource,
    targets,
    fieldConfig: { defaults, overrides },
    options,
    ...(transformations ? { transformations } : {}),
    width,
    height,
  };
}

function rangeTarget({ expr, legend }: Series, at: number, exemplar: boolean): MetricTarget {
  return {
    refId: refId(at),
    datasource: prometheus,
    expr,
    legendFormat: legend,
    editorMode: 'code',
    range: true,
    instant: false,
    format: 'time_series',
    exemplar,
  };
}

function instantTarget(series: Series, at: number): MetricTarget {
  return { ...rangeTarget(series, at, false), range: false, instant: true };
}

/** A, B, C … */
function refId(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}

/** @internal A test holds each of these against what Grafana publishes. */
export const graphOptions = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
  tooltip: { mode: 'multi', sort: 'desc' },
} as const;

/** @internal */
export const statOptions = {
  graphMode: 'none',
  colorMode: 'value',
  justifyMode: 'auto',
  textMode: 'auto',
  wideLayout: true,
  showPercentChange: false,
  percentChangeColorMode: 'standard',
  orientation: 'auto',
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
} as const;

/** @internal */
export const tableOptions = { frameIndex: 0, showHeader: true, cellHeight: 'sm' } as const;

/** @internal */
export const logsOptions = {
  showLabels: false,
  showCommonLabels: false,
  showTime: true,
  showLogContextToggle: false,
  wrapLogMessage: true,
  prettifyLogMessage: false,
  enableLogDetails: true,
  sortOrder: 'Descending',
  dedupStrategy: 'none',
} as const;

/** @internal */
export const line = {
  drawStyle: 'line',
  lineInterpolation: 'linear',
  lineWidth: 1,
  fillOpacity: 10,
  showPoints: 'never',
  spanNulls: false,
  stacking: { mode: 'none', group: 'A' },
} as const;

/** @internal */
export const stackedArea = {
  ...line,
  fillOpacity: 40,
  stacking: { mode: 'normal', group: 'A' },
} as const;

/** @internal */
export const tableField = { align: 'auto', inspect: false, filterable: false } as const;

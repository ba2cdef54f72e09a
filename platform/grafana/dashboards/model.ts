/**
 * A dashboard as Grafana reads it from a file: the schema that its versions since 12 call v1. Only what ours use. A
 * test holds it against the types that Grafana publishes.
 */
export const schemaVersion = 42;

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: typeof schemaVersion;
  readonly editable: false;
  readonly timezone: 'browser';
  /** 1: the time under the pointer is marked in every panel. */
  readonly graphTooltip: 1;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly never[] };
  readonly links: readonly DashboardLink[];
  readonly panels: readonly (Panel | RowTitle)[];
}

/** A link to other dashboards, at the top. */
export interface DashboardLink extends Link {
  readonly type: 'link';
  readonly icon: string;
  readonly tooltip: string;
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

/** A link from a value. `${__value.raw}` in its URL is the value, `${ns}` a variable. */
export interface Link {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
}

export type Variable = QueryVariable | TextVariable;

export interface QueryVariable {
  readonly type: 'query';
  readonly name: string;
  readonly label: string;
  readonly datasource: DatasourceRef;
  /** `qryType` 1: values of a label. */
  readonly query: { readonly qryType: 1; readonly query: string; readonly refId: string };
  readonly definition: string;
  /** 2: asked again when the time range changes. */
  readonly refresh: 2;
  /** 1: by the alphabet. */
  readonly sort: 1;
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** What stands for all of them in a regular expression. */
  readonly allValue?: string;
}

export interface TextVariable {
  readonly type: 'textbox';
  readonly name: string;
  readonly label: string;
  readonly query: string;
}

export interface DatasourceRef {
  readonly type: string;
  readonly uid: string;
}

export type PanelType = 'timeseries' | 'stat' | 'table' | 'logs' | 'traces';

export interface Panel {
  readonly type: PanelType;
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPosition;
  readonly datasource: DatasourceRef;
  readonly targets: readonly Target[];
  readonly fieldConfig: FieldConfig;
  readonly options: object;
  readonly transformations?: readonly Transformation[];
}

export interface RowTitle {
  readonly type: 'row';
  readonly id: number;
  readonly title: string;
  readonly collapsed: false;
  readonly gridPos: GridPosition;
  readonly panels: readonly never[];
}

/** Of 24 columns. */
export interface GridPosition {
  readonly h: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
}

/** A query of a panel. */
export type Target = MetricTarget | LogTarget | TraceSearch | TraceById;

interface AnyTarget {
  /** Unique in its panel. */
  readonly refId: string;
  readonly datasource: DatasourceRef;
}

export interface MetricTarget extends AnyTarget {
  readonly expr: string;
  readonly legendFormat: string;
  readonly editorMode: 'code';
  readonly range: boolean;
  readonly instant: boolean;
  readonly format: 'time_series' | 'table';
  readonly exemplar: boolean;
}

/** For both log stores; `queryType` is what each calls its kind of answer. */
export interface LogTarget extends AnyTarget {
  readonly expr: string;
  readonly editorMode: 'code';
  readonly queryType: string;
  readonly maxLines: number;
  readonly legendFormat?: string;
}

export interface TraceSearch extends AnyTarget {
  readonly queryType: 'search';
  readonly service: string;
  /** `name=value`, separated by blanks. */
  readonly tags: string;
  readonly limit: number;
}

export interface TraceById extends AnyTarget {
  /** Id of a trace. */
  readonly query: string;
}

export interface FieldConfig {
  readonly defaults: FieldDefaults;
  readonly overrides: readonly FieldOverride[];
}

export interface FieldDefaults {
  /** https://grafana.github.io/grafana-foundation-sdk: the names of module `units`. */
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** Shown instead of nothing. */
  readonly noValue: string;
  readonly custom?: object;
  readonly thresholds?: Thresholds;
}

export interface Thresholds {
  readonly mode: 'absolute';
  readonly steps: readonly { readonly value: number | null; readonly color: string }[];
}

export interface FieldOverride {
  readonly matcher: { readonly id: 'byRegexp' | 'byName'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Transformation {
  readonly id: string;
  readonly options: object;
}

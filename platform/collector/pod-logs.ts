import { platformNamespace } from '../../core/labels.ts';
import { continuation, loggerKeys as keys } from '../../core/log-lines.ts';
import { partFacts } from '../../core/part-facts.ts';
import { Attribute, TimeCorrected, telemetryServices } from '../../core/telemetry.ts';
import { quoted, resource, type Statements, type Transform } from './attribution.ts';

/** A record of an application: longer ones are cut. The log store drops 2 MB and more without a word. */
const MOST_BYTES = 1024 * 1024;
/** What is read at once of a line that never ends. */
const size = `${MOST_BYTES / 1024}KiB`;

/** {@link continuation} in a string of a receiver's expression. */
const continues = continuation.replaceAll('\\', '\\\\');

/** Pino's and Bunyan's numbers, and words that the Collector does not know. */
const levels = {
  trace: 10,
  debug: 20,
  info: [30, 'information', 'notice'],
  warn: [40, 'warning'],
  error: [50, 'err'],
  fatal: [60, 'critical', 'alert', 'emergency', 'panic'],
};

/** What the record itself says once more. */
const repeated = '^(time|timestamp|ts|pid|hostname|logtag)$|^log\\.(file|level)';

/** In a receiver's expression. */
const attribute = (name: string) => `attributes[${JSON.stringify(name)}]`;

/** What the container runtime writes, and what the kubelet renamed at 10 MiB; the next rename makes a `.gz` of that. */
const logFiles = (folder: string) => [`${folder}/*.log`, `${folder}/*.log.????????-??????`];

/**
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/receiver/filelogreceiver The container
 * runtime wrote the files, so their paths say whose they are.
 */
function reads(
  include: readonly string[],
  exclude: readonly string[],
  operators: readonly object[],
  goesOn: string = continues,
) {
  return {
    include: include.flatMap(logFiles),
    exclude: exclude.flatMap(logFiles),
    include_file_name: false,
    include_file_path: true,
    // A pod's first lines are written before its file is found.
    start_at: 'beginning',
    poll_interval: '200ms',
    max_log_size: size,
    storage: 'file_storage',
    // A full queue makes it wait, where the default is to go on with the next lines.
    retry_on_failure: { enabled: true, max_elapsed_time: '0s' },
    operators: [
      {
        type: 'container',
        format: 'containerd',
        add_metadata_from_filepath: true,
        max_log_size: size,
      },
      {
        // Lines of stdout never stand in a stack trace of stderr.
        type: 'add',
        field: 'attributes["log.file.stream"]',
        value: 'EXPR(attributes["log.file.path"] + ":" + attributes["log.iostream"])',
      },
      {
        type: 'recombine',
        combine_field: 'body',
        is_first_entry: `not (body matches "${goesOn}")`,
        source_identifier: 'attributes["log.file.stream"]',
        force_flush_period: '500ms',
        max_log_size: size,
        max_sources: 10_000,
      },
      ...operators,
    ],
  };
}

/** One name for what has several. */
function renamed(names: readonly string[], to: string) {
  return names
    .filter((name) => name !== to)
    .map((name) => ({
      type: 'move',
      from: attribute(name),
      to: attribute(to),
      if: `${attribute(name)} != nil`,
      on_error: 'send_quiet',
    }));
}

/** Standard output and error of every pod of an environment, and of the platform's. */
export function podLogs(folder: string) {
  const quiet = { on_error: 'send_quiet' };
  const present = (name: string) => ({ if: `${attribute(name)} != nil` });
  return reads(
    [`${folder}/wt-*_*_*/*`, `${folder}/${platformNamespace}_*_*/*`],
    [
      // Each of its own lines would make another.
      `${folder}/${platformNamespace}_${telemetryServices.collector.service}-*/*`,
      `${folder}/${platformNamespace}_${partFacts.postgres.service}-*/*`,
    ],
    [
      {
        type: 'router',
        routes: [{ expr: 'body matches "^\\\\s*{"', output: 'json' }],
        default: 'done',
      },
      { id: 'json', type: 'json_parser', parse_from: 'body', parse_to: 'attributes', ...quiet },
      ...keys.level.map((name) => ({
        type: 'severity_parser',
        parse_from: attribute(name),
        ...present(name),
        ...quiet,
        mapping: levels,
      })),
      ...renamed(keys.trace, 'trace_id'),
      ...renamed(keys.span, 'span_id'),
      {
        type: 'trace_parser',
        trace_id: { parse_from: 'attributes.trace_id' },
        span_id: { parse_from: 'attributes.span_id' },
        if: 'attributes.trace_id != nil',
        ...quiet,
      },
      ...keys.message.map((name) => ({
        type: 'move',
        from: attribute(name),
        to: 'body',
        ...present(name),
        ...quiet,
      })),
      { id: 'done', type: 'noop' },
    ],
  );
}

/** At the start of a line, after a time or a colour: what programs write without a logger's fields. */
const errorText =
  '^[^\\n]{0,120}?((\\b|\\x1b\\[[0-9;]*m)(ERROR|FATAL|PANIC|CRITICAL)\\b|\\b([A-Z]\\w*)?(Error|Exception)\\b *(\\[|:|$)|\\bpanic:|\\berror:)|^(npm ERR!|Traceback \\(most recent)';
const warningText = '^[^\\n]{0,120}?((\\b|\\x1b\\[[0-9;]*m)(WARN|WARNING)\\b|\\bwarning:)';

/** Words without which a line is none of these: the texts above take fifty times as long to look for. */
const errorWords = 'ERR|FATAL|PANIC|CRITICAL|Error|Exception|panic:|error:|Traceback';
const warningWords = 'WARN|warning:';

const leveled = (level: string, words: string, text: string) =>
  `set(log.severity_number, SEVERITY_NUMBER_${level}) where log.severity_number == 0 and IsString(log.body) and ` +
  `IsMatch(log.body, ${quoted(words)}) and IsMatch(log.body, ${quoted(text)})`;

/** Of what the path did not say, and of keys that repeat what a record has. */
export const textLevels: Transform = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'log',
      statements: [leveled('ERROR', errorWords, errorText), leveled('WARN', warningWords, warningText)],
    },
  ],
};

/** Keys of a line in JSON that are a record's own, or would be ours. */
export function cleanLines(ours: Statements): Transform {
  const known = [...keys.level, ...keys.trace, ...keys.span].map((key) => key.replaceAll('.', '\\.'));
  return {
    error_mode: 'propagate',
    log_statements: [
      {
        context: 'log',
        statements: [
          ...ours.statements,
          `delete_matching_keys(log.attributes, ${quoted(`${repeated}|^(${known.join('|')})$`)})`,
        ],
      },
    ],
  };
}

/** What VictoriaLogs would drop with the answer 200, by its time or its size. */
export function withinStore(retentionDays: number): Transform {
  // Its retention counts whole days from midnight; an hour of reserve, for what waits in the queue.
  const oldest = `log.time < Now() - Duration("${retentionDays * 24 - 1}h")`;
  // It takes two days, but then what is ahead would be the newest line of all for so long.
  const ahead = 'log.time > Now() + Duration("10m")';
  const corrected = (why: string, when: string) => [
    `set(log.attributes["${Attribute.time}"], "${why}") where ${when}`,
    `set(log.time, Now()) where ${when}`,
  ];
  return {
    error_mode: 'ignore',
    log_statements: [
      {
        context: 'log',
        statements: [
          'set(log.time, log.observed_time) where log.time_unix_nano == 0 and log.observed_time_unix_nano != 0',
          'set(log.time, Now()) where log.time_unix_nano == 0',
          ...corrected(TimeCorrected.tooOld, oldest),
          ...corrected(TimeCorrected.ahead, ahead),
          `truncate_all(log.attributes, ${MOST_BYTES / 4})`,
          `set(log.body, Substring(log.body, 0, ${MOST_BYTES})) where IsString(log.body) and Len(log.body) > ${MOST_BYTES}`,
          `truncate_all(log.body, ${MOST_BYTES / 4}) where IsMap(log.body)`,
        ],
      },
    ],
  };
}

/** Of the lines of an environment's database, for as long as they are not in its namespace. */
export const databaseKey = 'coppice.database';

/** Parts of a message, each with the prefix of the first: of a failed login they have the names that were claimed. */
const postgresParts = '(DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|BACKTRACE)';
const linePrefix = '[0-9-]+ [0-9:.]+ [A-Z]+ \\[[0-9]+\\] ([^ @\\n]*@[^ \\n]* )?';

/** `%m [%p] %q%u@%d ` of platform/postgres/files.ts, and what PostgreSQL writes after it. */
const postgresLine =
  '^(?P<at>[0-9-]+ [0-9:.]+ [A-Z]+) \\[(?P<pid>[0-9]+)\\] ((?P<user>[^ @\\n]*)@(?P<database>[^ \\n]*) )?(?P<level>[A-Z]+[0-9]?):  (?P<text>(?s:.*))$';

/** PostgreSQL's own log, whose lines say in which database they happened. */
export function postgresLog(folder: string) {
  return reads(
    [`${folder}/${platformNamespace}_${partFacts.postgres.service}-*/*`],
    [],
    [
      {
        type: 'regex_parser',
        parse_from: 'body',
        regex: postgresLine,
        on_error: 'send_quiet',
        severity: {
          parse_from: 'attributes.level',
          mapping: {
            error: 'ERROR',
            fatal: ['FATAL', 'PANIC'],
            warn: 'WARNING',
            info: ['LOG', 'NOTICE', 'STATEMENT'],
          },
        },
      },
      { type: 'move', from: 'attributes.text', to: 'body', if: 'attributes.text != nil' },
    ],
    `${continues}|^${linePrefix.replaceAll('\\', '\\\\')}${postgresParts}:`,
  );
}

/**
 * Moves a line of an environment's database to that environment. Only who is logged in has lines that are not FATAL,
 * and a line break in a statement is followed by a tab. A part without its message, which came too late for it, may be
 * that of a FATAL. What is left: PostgreSQL writes a line break in a claimed name as it is, so a made-up name of a user
 * can be a whole line.
 */
export const databaseLines: Transform = {
  error_mode: 'propagate',
  log_statements: [
    {
      context: 'log',
      statements: [
        `set(log.attributes["${databaseKey}"], log.attributes["database"]) where log.attributes["user"] == log.attributes["database"] and IsMatch(log.attributes["database"], "^wt_.+__.+$$") and not IsMatch(log.attributes["level"], "^(FATAL|${postgresParts})$$")`,
        `replace_pattern(log.body, ${quoted(`(\\n)${linePrefix}${postgresParts}:`)}, ${quoted('$1$3:')})`,
        'delete_matching_keys(log.attributes, "^(at|pid|user|level|text|log\\\\.file.*|logtag)$$")',
      ],
    },
  ],
};

/** After these lines were grouped by {@link databaseKey}: the namespace has the same name, with dashes. */
export const databaseOwner: Transform = {
  error_mode: 'propagate',
  log_statements: [
    {
      context: 'resource',
      statements: [
        `set(${resource(Attribute.namespace)}, ${resource(databaseKey)}) where ${resource(databaseKey)} != nil`,
        `replace_pattern(${resource(Attribute.namespace)}, "_", "-") where ${resource(databaseKey)} != nil`,
        `delete_key(resource.attributes, "${databaseKey}")`,
      ],
    },
  ],
};

import { join } from 'node:path';
import { edit, get, post, type Repository, wt } from '../test/e2e/harness.ts';

/** The shop with a fault in it. */
export interface FaultyShop {
  readonly repository: Repository;
  /** Host of the environment. */
  readonly host: string;
}

/** A mistake as a developer or an agent makes it, and what an answer must name of it. */
export interface Fault {
  readonly name: string;
  readonly kind:
    | 'migration'
    | 'environment'
    | 'code'
    | 'HTTP'
    | 'SQL'
    | 'Temporal'
    | 'packages'
    | 'disk'
    | 'telemetry';
  /** What was done, in a few words. */
  readonly made: string;
  /** Puts it into the worktree. */
  readonly seed: (shop: FaultyShop) => void | Promise<void>;
  /** Whether it needs a `wt up`; other edits run by `node --watch`. */
  readonly up?: true;
  /** What brings it to light; repeated until it is named. */
  readonly trigger?: (shop: FaultyShop) => Promise<unknown>;
  /** The cause, on one line of the answer. Written before an answer was seen. */
  readonly names: RegExp;
  /** Who must name it; `wt errors` when absent. */
  readonly asked?: 'doctor';
  /** Undoes what is not in the worktree. */
  readonly undo?: () => void;
}

/** Longest time that a request is waited for. */
const REQUEST_MS = 6_000;

function patiently(request: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, REQUEST_MS);
  });
  return Promise.race([request.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}

const asks = (path: string) => (shop: FaultyShop) => patiently(get(shop.host, path));
export const orders = (shop: FaultyShop): Promise<unknown> =>
  patiently(post(shop.host, '/api/orders', { product: 4 }));
const change = (file: string, from: string | RegExp, to: string) => (shop: FaultyShop) =>
  edit(join(shop.repository.top, file), from, to);
const migration = (name: string, sql: string) => (shop: FaultyShop) =>
  shop.repository.write(`db/migrations/${name}.sql`, `${sql}\n`);
const inAnswer = (statement: string) =>
  change('api/server.js', "if (collection === 'products' && method === 'GET') {", `$&\n    ${statement}`);

/** What keeps a lock or the like until the fault is undone. */
let held: { readonly end: () => void } | undefined;

export const faults: readonly Fault[] = [
  {
    name: 'migration-syntax',
    kind: 'migration',
    made: 'ALTER TABEL in a new migration',
    seed: migration('0004_discounts', 'ALTER TABEL products ADD COLUMN discount integer;'),
    up: true,
    names: /syntax error at or near "TABEL"/,
  },
  {
    name: 'migration-missing-table',
    kind: 'migration',
    made: 'a new migration alters a table that no migration creates',
    seed: migration('0004_customers', 'ALTER TABLE customers ADD COLUMN vip boolean;'),
    up: true,
    names: /relation "customers" does not exist/,
  },
  {
    name: 'migration-edited',
    kind: 'migration',
    made: 'a column added to a migration that had been applied, and used',
    seed: (shop) => {
      change('db/migrations/0002_orders.sql', 'quantity integer', 'note text,\n  quantity integer')(shop);
      change('api/postgres.js', 'SELECT orders.id,', 'SELECT orders.id, orders.note,')(shop);
    },
    up: true,
    trigger: asks('/api/orders'),
    names: /column "?(orders\.)?note"? does not exist/,
  },
  {
    name: 'migration-lock',
    kind: 'migration',
    made: 'another session holds the lock of node-pg-migrate',
    seed: async (shop) => {
      migration('0004_notes', 'ALTER TABLE orders ADD COLUMN note text;')(shop);
      const { stdout } = await wt(['db', 'url'], { cwd: shop.repository.top });
      const pg = await import('pg');
      const client = new pg.default.Client({ connectionString: stdout.trim() });
      client.on('error', () => {});
      await client.connect();
      // The key is node-pg-migrate's own.
      await client.query('SELECT pg_advisory_lock(7241865325823964)');
      held = { end: () => void client.end().catch(() => {}) };
    },
    up: true,
    undo: () => held?.end(),
    names: /another migration is already running/i,
  },
  {
    name: 'variable-unset',
    kind: 'environment',
    made: 'the code wants a variable that coppice.yaml does not set',
    seed: change(
      'api/server.js',
      "serve('api'",
      "if (!process.env.PAYMENT_KEY) throw new Error('PAYMENT_KEY is not set');\n$&",
    ),
    names: /PAYMENT_KEY is not set/,
  },
  {
    name: 'wrong-api-url',
    kind: 'environment',
    made: 'API_URL of web has a port that api does not have',
    seed: change('coppice.yaml', '"${services.api.url}"', '"http://api:4001"'),
    up: true,
    trigger: asks('/'),
    names: /:4001/,
  },
  {
    name: 'wrong-database-user',
    kind: 'environment',
    made: "the worker's DATABASE_URL has another user",
    seed: change(
      'coppice.yaml',
      /(command: \[node, --watch, worker\/main\.js\]\n {4}env:\n {6}DATABASE_URL: ).*/,
      '$1"postgres://shop_admin:secret@$${database.host}:$${database.port}/$${database.name}"',
    ),
    up: true,
    trigger: orders,
    names: /shop_admin/,
  },
  {
    name: 'database-url-unset',
    kind: 'environment',
    made: 'the worker has no DATABASE_URL, so its driver takes its default',
    seed: change(
      'coppice.yaml',
      /(command: \[node, --watch, worker\/main\.js\]\n {4}env:\n) {6}DATABASE_URL: .*\n/,
      '$1',
    ),
    up: true,
    trigger: orders,
    names: /ECONNREFUSED (127\.0\.0\.1|::1):5432|DATABASE_URL/,
  },
  {
    name: 'throws-at-start',
    kind: 'code',
    made: 'an undefined name at the top of api/server.js',
    seed: change('api/server.js', "serve('api'", 'console.log(pricing.currency);\n$&'),
    names: /pricing is not defined.*server\.js:\d+/,
  },
  {
    name: 'throws-in-request',
    kind: 'code',
    made: 'a property of undefined is read in a request',
    seed: change(
      'api/postgres.js',
      "products: () => rows('SELECT id, name, price, stock FROM products ORDER BY id'),",
      "products: async () => (await rows('SELECT id, price FROM products')).map(({ name }) => name.toUpperCase()),",
    ),
    trigger: asks('/api/products'),
    names: /reading 'toUpperCase'.*postgres\.js:\d+/,
  },
  {
    name: 'unhandled-rejection',
    kind: 'code',
    made: 'a promise that nobody awaits rejects in a request',
    seed: inAnswer("void Promise.reject(new Error('price list of the supplier is empty'));"),
    trigger: asks('/api/products'),
    names: /supplier is empty.*server\.js:\d+/,
  },
  {
    name: 'wrong-import',
    kind: 'code',
    made: 'a name is imported that its module does not export',
    seed: change('api/server.js', 'import { json, serve }', 'import { json, jsonAnswer, serve }'),
    names: /jsonAnswer.*server\.js:\d|server\.js:\d.*jsonAnswer/,
  },
  {
    name: 'syntax-error',
    kind: 'code',
    made: 'a bracket too few in web/page.js, saved under node --watch',
    seed: change(
      'web/page.js',
      "const ended = ['shipped', 'rejected'];",
      "const ended = ['shipped', 'rejected';",
    ),
    names: /SyntaxError.*page\.js:\d+|page\.js:\d+.*SyntaxError/,
  },
  {
    name: 'infinite-loop',
    kind: 'code',
    made: 'a request never ends and takes all CPU',
    seed: inAnswer('for (;;);'),
    trigger: asks('/api/products'),
    names: /api.*(CPU|event loop|busy)/i,
  },
  {
    name: 'out-of-memory',
    kind: 'code',
    made: 'a request takes more memory than the limit of api',
    seed: (shop) => {
      change('coppice.yaml', '    port: 4000\n', '$&    resources: { limits: { memory: 192Mi } }\n')(shop);
      inAnswer('globalThis.kept = Array.from({ length: 400 }, () => Buffer.alloc(1 << 20, 1));')(shop);
    },
    up: true,
    trigger: asks('/api/products'),
    names: /api.*out of memory/i,
  },
  {
    name: 'exits-at-once',
    kind: 'code',
    made: 'the worker ends with 0 before it works',
    seed: change('worker/main.js', 'let working = false;', 'process.exit(0);\n$&'),
    names: /worker.*(exit code 0|has ended)/,
  },
  {
    name: 'wrong-port',
    kind: 'HTTP',
    made: 'api listens on a port of its own and not on PORT',
    seed: change('api/server.js', "serve('api'", "process.env.PORT = '8080';\n$&"),
    names: /8080/,
  },
  {
    name: 'never-ready',
    kind: 'HTTP',
    made: 'the check behind /healthz asks a table that is not there',
    seed: change('api/postgres.js', "pool.query('SELECT 1')", "pool.query('SELECT 1 FROM sessions')"),
    names: /relation "sessions" does not exist/,
  },
  {
    name: 'wrong-route',
    kind: 'HTTP',
    made: 'paths of api say /v1, the page asks /api',
    seed: change('coppice.yaml', 'paths: [/api]', 'paths: [/v1]'),
    up: true,
    trigger: orders,
    names: /\/api\/orders.*404|404.*\/api\/orders/,
  },
  {
    name: 'silent-500',
    kind: 'HTTP',
    made: 'api answers 500 to one path and logs nothing',
    seed: change(
      'api/server.js',
      "if (collection === 'orders' && id === undefined) {",
      '$&\n    return json(500, {});',
    ),
    trigger: asks('/api/orders'),
    names: /api.*\/api\/orders.*500/,
  },
  {
    name: 'upstream-timeout',
    kind: 'HTTP',
    made: 'api takes longer for its orders than web waits',
    seed: change(
      'api/server.js',
      "if (collection === 'orders' && id === undefined) {",
      '$&\n    await new Promise((resolve) => setTimeout(resolve, 8000));',
    ),
    trigger: asks('/'),
    names: /\/api\/orders.*(timeout|timed out|abort|\d s)|api at http\S+ does not answer/,
  },
  {
    name: 'slow-api',
    kind: 'HTTP',
    made: 'api takes 1.5 s for its products, and nothing fails',
    seed: inAnswer('await new Promise((resolve) => setTimeout(resolve, 1500));'),
    trigger: asks('/api/products'),
    names: /api.*\/api\/products.*\b1[.,]\d+ s/,
  },
  {
    name: 'redirect-loop',
    kind: 'HTTP',
    made: 'web sends / to /',
    seed: (shop) => {
      change(
        'shared/serve.js',
        "'cache-control': 'no-store',",
        "$&\n      ...(status === 302 && { location: '/' }),",
      )(shop);
      change('web/server.js', '  try {', "  return { status: 302, type: 'text/plain', body: '' };\n$&")(shop);
    },
    trigger: asks('/'),
    names: /web.*redirect|redirect.*web/i,
  },
  {
    name: 'slow-query',
    kind: 'SQL',
    made: 'a statement takes 1.2 s',
    seed: change(
      'api/postgres.js',
      'price, stock FROM products ORDER BY id',
      'price, stock, pg_sleep(0.3) FROM products ORDER BY id',
    ),
    trigger: asks('/api/products'),
    names: /pg_sleep/,
  },
  {
    name: 'unique-violation',
    kind: 'SQL',
    made: 'each order is written with the same id',
    seed: change(
      'api/postgres.js',
      "`INSERT INTO orders (product, quantity, total, status) VALUES ($1, $2, $3, 'placed')",
      "`INSERT INTO orders (id, product, quantity, total, status) VALUES (1, $$1, $$2, $$3, 'placed')",
    ),
    trigger: orders,
    names: /orders_pkey/,
  },
  {
    name: 'relation-missing',
    kind: 'SQL',
    made: 'a statement reads a table that is not there',
    seed: change('api/postgres.js', 'FROM orders JOIN products', 'FROM order_items JOIN products'),
    trigger: asks('/api/orders'),
    names: /relation "order_items" does not exist/,
  },
  {
    name: 'too-many-connections',
    kind: 'SQL',
    made: 'each request opens connections and closes none',
    seed: inAnswer(
      "const { default: pg } = await import('pg');\n    globalThis.open ??= Array.from({ length: 450 }, () => new pg.Client({ connectionString: DATABASE_URL }));\n    await Promise.all(globalThis.open.map((client) => client.connect()));",
    ),
    trigger: asks('/api/products'),
    names: /too many (connections|clients)|remaining connection slots/i,
  },
  {
    name: 'deadlock',
    kind: 'SQL',
    made: 'two transactions take the same rows in opposite order',
    seed: inAnswer(
      `const { default: pg } = await import('pg');
    const clients = [1, 2].map(() => new pg.Client({ connectionString: DATABASE_URL }));
    await Promise.all(clients.map((client) => client.connect()));
    const take = async (client, ids) => {
      await client.query('BEGIN');
      for (const id of ids) {
        await client.query('UPDATE products SET stock = stock WHERE id = $$1', [id]);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    };
    try {
      await Promise.all([take(clients[0], [1, 2]), take(clients[1], [2, 1])]);
    } finally {
      for (const client of clients) void client.end();
    }`,
    ),
    trigger: asks('/api/products'),
    names: /deadlock detected/,
  },
  {
    name: 'activity-fails',
    kind: 'Temporal',
    made: 'an activity throws at each attempt',
    seed: change(
      'worker/payment-service.js',
      'const { rows }',
      "throw new Error('card terminal is offline');\n      $&",
    ),
    trigger: orders,
    names: /card terminal is offline/,
  },
  {
    name: 'non-determinism',
    kind: 'Temporal',
    made: 'a timer is put before a step of orders that are under way',
    seed: async (shop) => {
      change(
        'worker/payment-service.js',
        'const { rows }',
        "throw new Error('no answer from the bank');\n      $&",
      )(shop);
      await orders(shop);
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      await orders(shop);
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      // The step ends, and only then Temporal runs the workflow's code again.
      change('worker/payment-service.js', "throw new Error('no answer from the bank');\n      ", '')(shop);
      change('worker/workflows.js', 'import { proxyActivities }', 'import { proxyActivities, sleep }')(shop);
      change('worker/workflows.js', 'if ((await reserve(id))', "await sleep('1 second');\n  $&")(shop);
    },
    names: /non-?determinis|TMPRL1100/i,
  },
  {
    name: 'no-worker',
    kind: 'Temporal',
    made: 'the worker has no replicas',
    seed: change('coppice.yaml', '    command: [node, --watch, worker/main.js]\n', '$&    replicas: 0\n'),
    up: true,
    trigger: orders,
    names: /no worker.*orders|orders.*no worker/i,
  },
  {
    name: 'wrong-task-queue',
    kind: 'Temporal',
    made: 'the worker polls a queue that nobody fills',
    seed: change(
      'worker/main.js',
      'connection, namespace, taskQueue,',
      "connection, namespace, taskQueue: 'orders-v2',",
    ),
    trigger: orders,
    names: /no worker.*\borders\b(?!-v2)|\borders\b(?!-v2).*no worker/i,
  },
  {
    name: 'wrong-namespace',
    kind: 'Temporal',
    made: "the worker's TEMPORAL_NAMESPACE is another one",
    seed: change(
      'coppice.yaml',
      /(worker\/main\.js\]\n(?:.*\n){3} {6}TEMPORAL_NAMESPACE: ).*/,
      '$1shop-prod',
    ),
    up: true,
    names: /shop-prod/,
  },
  {
    name: 'stuck-workflow',
    kind: 'Temporal',
    made: 'the code of the workflow itself throws',
    seed: change('worker/workflows.js', 'if ((await reserve(id))', 'id.total.toFixed(2);\n  $&'),
    trigger: orders,
    names: /reading 'toFixed'/,
  },
  {
    name: 'missing-module',
    kind: 'packages',
    made: 'a package is imported that is not installed',
    seed: change('api/server.js', 'import { json, serve }', "import dayjs from 'dayjs';\n$&"),
    names: /Cannot find (package|module) 'dayjs'/,
  },
  {
    name: 'lock-mismatch',
    kind: 'packages',
    made: 'package.json has a dependency that the lock file lacks',
    seed: (shop) => {
      change('package.json', '"dependencies": {', '$&\n    "pricing": "file:./shared",')(shop);
      shop.repository.write(
        'shared/package.json',
        '{ "name": "pricing", "version": "1.0.0", "type": "module" }\n',
      );
      change('coppice.yaml', 'install: npm ci', 'setup: [npm ci --offline]\n$&')(shop);
    },
    up: true,
    names: /pricing.*lock file|lock file.*pricing/,
  },
  {
    name: 'volume-full',
    kind: 'disk',
    made: 'api writes more into a small volume of its pod than it holds',
    seed: (shop) => {
      change('api/server.js', 'import { json, serve }', "import { writeFileSync } from 'node:fs';\n$&")(shop);
      inAnswer("writeFileSync('/dev/shm/export.csv', Buffer.alloc(100 << 20));")(shop);
    },
    trigger: asks('/api/products'),
    names: /ENOSPC.*(\/dev\/shm|server\.js:\d+)/,
  },
  {
    name: 'wrong-collector',
    kind: 'telemetry',
    made: 'api sends its spans to a name that does not exist',
    seed: change(
      'coppice.yaml',
      '    paths: [/api]\n    env:\n',
      '$&      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318"\n',
    ),
    up: true,
    trigger: asks('/api/products'),
    names: /(no spans|OTEL_EXPORTER_OTLP_ENDPOINT).*\bapi\b|\bapi\b.*(no spans|OTEL_EXPORTER_OTLP_ENDPOINT)/,
    asked: 'doctor',
  },
];

import { json, serve } from '../shared/serve.js';
import { memoryStore } from './memory.js';

const {
  ENVIRONMENT = 'this machine',
  DATABASE_URL,
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace,
} = process.env;
/** What a column of type integer holds. */
const LARGEST_NUMBER = 2 ** 31 - 1;

// Loaded on demand: without a database this runs without `npm ci`.
const store = DATABASE_URL ? (await import('./postgres.js')).postgresStore(DATABASE_URL) : memoryStore();
// Without Temporal an order takes its pieces at once, and that is the end of it.
const workflows =
  DATABASE_URL && address
    ? (await import('./temporal.js')).orderWorkflows({ address, namespace }, store)
    : undefined;
const whose = { environment: ENVIRONMENT, database: store.database, temporal: workflows?.namespace ?? null };

const endpoints = ['GET /api/products', 'GET /api/products/:id', 'GET /api/orders', 'POST /api/orders'];

serve('api', answer, store.check);

async function answer({ method, path, body }) {
  const [, section, collection, id, more] = path.split('/');
  if (path === '/' || path === '/api') return json(200, { service: 'api', ...whose, endpoints });
  if (section !== 'api' || more !== undefined) return json(404, { error: `nothing at ${path}`, endpoints });

  if (collection === 'products' && method === 'GET') {
    if (id === undefined) return json(200, { ...whose, products: await store.products() });
    const product = await productOf(Number(id));
    return product ? json(200, product) : json(404, { error: `no product ${id}` });
  }
  if (collection === 'orders' && id === undefined) {
    if (method === 'GET')
      return json(200, { ...whose, trouble: workflows?.trouble() ?? null, orders: await store.orders() });
    if (method === 'POST') return order(parse(body));
  }
  return json(404, { error: `nothing at ${method} ${path}`, endpoints });
}

/** Wish: `{"product": 1, "quantity": 2}`. */
async function order(wish) {
  const product = await productOf(wish?.product);
  if (!product) return json(400, { error: 'product must be the id of a product' });
  const quantity = wish.quantity ?? 1;
  if (!isCount(quantity)) return json(400, { error: 'quantity must be 1 or more' });
  if (workflows) {
    if (quantity * product.price > LARGEST_NUMBER) return json(400, { error: 'nobody pays as much' });
    const placed = await store.place(product, quantity);
    await workflows.start(placed.id);
    return json(201, placed);
  }
  const made = await store.order(product.id, quantity);
  if (made) return json(201, made);
  const { stock } = await store.product(product.id);
  return json(409, { error: `only ${stock} left of ${product.name}` });
}

const isCount = (value) => Number.isInteger(value) && value >= 1 && value <= LARGEST_NUMBER;

async function productOf(id) {
  return isCount(id) ? store.product(id) : undefined;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { json, serve } from '../shared/serve.js';

const { ENVIRONMENT = 'this machine' } = process.env;

/** In memory: a restart begins anew. Prices in cents. */
const products = [
  { id: 1, name: 'Hazel rods, a bundle of ten', price: 1450, stock: 12 },
  { id: 2, name: 'Billhook', price: 5900, stock: 4 },
  { id: 3, name: 'Garden hurdle, six feet', price: 8600, stock: 3 },
  { id: 4, name: 'Bean poles', price: 1200, stock: 20 },
];
const orders = [];

const endpoints = ['GET /api/products', 'GET /api/products/:id', 'GET /api/orders', 'POST /api/orders'];

serve('api', ({ method, path, body }) => {
  const [, section, collection, id, more] = path.split('/');
  if (path === '/' || path === '/api')
    return json(200, { service: 'api', environment: ENVIRONMENT, endpoints });
  if (section !== 'api' || more !== undefined) return json(404, { error: `nothing at ${path}`, endpoints });

  if (collection === 'products' && method === 'GET') {
    if (id === undefined) return json(200, { environment: ENVIRONMENT, products });
    const product = products.find((candidate) => String(candidate.id) === id);
    return product ? json(200, product) : json(404, { error: `no product ${id}` });
  }
  if (collection === 'orders' && id === undefined) {
    if (method === 'GET') return json(200, { environment: ENVIRONMENT, orders });
    if (method === 'POST') return order(body);
  }
  return json(404, { error: `nothing at ${method} ${path}`, endpoints });
});

/** Body: `{"product": 1, "quantity": 2}`. */
function order(body) {
  const wish = parse(body);
  const product = products.find(({ id }) => id === wish?.product);
  if (!product) return json(400, { error: 'product must be the id of a product' });
  const quantity = wish.quantity ?? 1;
  if (!Number.isInteger(quantity) || quantity < 1) return json(400, { error: 'quantity must be 1 or more' });
  if (quantity > product.stock) return json(409, { error: `only ${product.stock} left of ${product.name}` });
  product.stock -= quantity;
  const made = { id: orders.length + 1, product: product.name, quantity, total: quantity * product.price };
  orders.push(made);
  return json(201, made);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

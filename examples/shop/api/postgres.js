import { openPool } from '../shared/pool.js';

/** The shop in the database that `url` names. */
export function postgresStore(url) {
  const pool = openPool(url, 'shop api');
  const rows = async (text, values) => (await pool.query(text, values)).rows;

  return {
    database: decodeURIComponent(new URL(url).pathname.slice(1)),
    /** Throws when the database does not answer. */
    check: () => pool.query('SELECT 1'),
    products: () => rows('SELECT id, name, price, stock FROM products ORDER BY id'),
    product: async (id) => (await rows('SELECT id, name, price, stock FROM products WHERE id = $1', [id]))[0],
    orders: () =>
      rows(`SELECT orders.id, products.name AS product, quantity, total, status
        FROM orders JOIN products ON products.id = orders.product ORDER BY orders.id`),
    /** Undefined when there are not as many left. One statement, so that two orders cannot take the same piece. */
    order: async (id, quantity) =>
      (
        await rows(
          `WITH taken AS (
            UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING id, name, price
          ), made AS (
            INSERT INTO orders (product, quantity, total) SELECT id, $2, $2 * price FROM taken
            RETURNING id, product, quantity, total, status
          )
          SELECT made.id, taken.name AS product, quantity, total, status FROM made JOIN taken ON taken.id = made.product`,
          [id, quantity],
        )
      )[0],
    /** An order that has no pieces yet: the workflow takes them. */
    place: async ({ id, name, price }, quantity) => {
      const [made] = await rows(
        `INSERT INTO orders (product, quantity, total, status) VALUES ($1, $2, $3, 'placed')
        RETURNING id, total, status`,
        [id, quantity, quantity * price],
      );
      return { id: made.id, product: name, quantity, total: made.total, status: made.status };
    },
    /** Ids of the orders that wait for their workflow's first step. */
    placed: async () =>
      (await rows(`SELECT id FROM orders WHERE status = 'placed' ORDER BY id`)).map(({ id }) => id),
  };
}

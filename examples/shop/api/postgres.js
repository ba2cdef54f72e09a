import pg from 'pg';

/** The shop in the database that `url` names. */
export function postgresStore(url) {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'shop api',
    max: 5,
    connectionTimeoutMillis: 1500,
    query_timeout: 1500,
  });
  // A snapshot or a reset of the database ends its sessions. Without a listener that would end the process too; the
  // pool has forgotten the session already, and makes another when it needs one.
  pool.on('error', (error) => console.error(`lost a session: ${error.message}`));
  const rows = async (text, values) => (await pool.query(text, values)).rows;

  return {
    database: decodeURIComponent(new URL(url).pathname.slice(1)),
    /** Throws when the database does not answer. */
    check: () => pool.query('SELECT 1'),
    products: () => rows('SELECT id, name, price, stock FROM products ORDER BY id'),
    product: async (id) => (await rows('SELECT id, name, price, stock FROM products WHERE id = $1', [id]))[0],
    orders: () =>
      rows(`SELECT orders.id, products.name AS product, quantity, total
        FROM orders JOIN products ON products.id = orders.product ORDER BY orders.id`),
    /** Undefined when there are not as many left. One statement, so that two orders cannot take the same piece. */
    order: async (id, quantity) =>
      (
        await rows(
          `WITH taken AS (
            UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING id, name, price
          ), made AS (
            INSERT INTO orders (product, quantity, total) SELECT id, $2, $2 * price FROM taken
            RETURNING id, product, quantity, total
          )
          SELECT made.id, taken.name AS product, quantity, total FROM made JOIN taken ON taken.id = made.product`,
          [id, quantity],
        )
      )[0],
  };
}
